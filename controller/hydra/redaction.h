#pragma once

// What stands before Hydra may answer with the request: nothing of ours that is secret may then get into a
// message. Inside this room only.

#include <string>
#include <string_view>
#include <vector>

#include "client/secret.h"
#include "hydra/transport.h"

namespace hydra_clients::hydra {

/// Takes secrets out of foreign text. Made for one answer and gone with it; not thread-safe.
class Redaction {
 public:
  /// Shorter ones would make holes in every word; Hydra takes no client_secret that short.
  static constexpr std::size_t kShortest = 6;

  void add(std::string_view secret);

  /// The text with "[withheld]" in the place of each secret, as it is and as it may come back: escaped for
  /// JSON, URLs or HTML, or inside of base64; also where the text ends in the middle of one.
  [[nodiscard]] std::string of(std::string text) const;
  /// The same for all of a response that is not read as data: its body, and where it leads. Inside of Hydra's
  /// own error it is the words as they will be shown that are looked at.
  void applyTo(Response& response) const;

 private:
  std::vector<Secret> forms_;  ///< the longest first
};

}  // namespace hydra_clients::hydra
