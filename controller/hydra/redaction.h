#pragma once

// A server may answer with what it was sent, as whatever stands before Hydra may, or a Git server: nothing of
// ours that is secret may then get into a message. Inside this room only, and for `fetch`.

#include <cstddef>
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

  /// The text with "[withheld]" in the place of each secret, however it is spelled there: as it is, escaped
  /// for JSON, URLs or HTML, one of these inside another, or inside of base64; also where the text ends in
  /// the middle of one.
  [[nodiscard]] std::string of(std::string_view text) const;
  /// The same for all of a response that is not read as data: its body, and where it leads. Inside of Hydra's
  /// own error it is the words as they will be shown that are looked at.
  void applyTo(Response& response) const;

 private:
  /// The bytes from `at` on that spell a secret, at their longest; 0 where none begins there.
  [[nodiscard]] std::size_t secretAt(std::string_view text, std::size_t at) const;

  std::vector<Secret> secrets_;  ///< and what of them is certain to stand in base64
};

}  // namespace hydra_clients::hydra
