#pragma once

#include <string>
#include <string_view>

namespace simulate {

/// What stands in a message of the stand-in for this plaintext, and for no other.
[[nodiscard]] std::string sealedForm(std::string_view plaintext);

}  // namespace simulate
