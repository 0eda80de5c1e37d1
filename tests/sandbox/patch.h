// RFC 6902 on raw JSON text, as far as Hydra's PATCH takes it.
#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace sandbox {

struct PatchRules {
  bool only_add_remove_replace;  // v2 and later
  bool replace_adds_missing;     // v1.11, and v2.2 and later
  bool add_makes_parents;        // v2.2 and later
};

/// `document` with the patch applied; everything that the patch does not name stays byte for byte. Every
/// fault is one text: Hydra answers them all with the same 500.
tl::expected<std::string, std::string> apply_patch(std::string document, std::string_view patch,
                                                   PatchRules rules);

}  // namespace sandbox
