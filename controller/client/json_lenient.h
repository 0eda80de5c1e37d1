#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hydra_clients::json {

/// What Go's encoding/json takes for JSON and RapidJSON does not: halves of surrogate pairs ("\ud800", alone)
/// and numbers beyond a double (1e400). Hydra keeps such `metadata` as it came (ory/x sqlxx.JSONRawMessage),
/// and one client must not make a whole page unreadable.
///
/// A text of the same length that RapidJSON takes: the halves are U+FFFD, as for every reader of Go's, and
/// numbers that may be too large are others, so that theirs must be read from `text` at the same offsets.
/// nullopt where `text` needs no change. What is not JSON stays so.
[[nodiscard]] std::optional<std::string> asRapidJsonTakesIt(std::string_view text);

}  // namespace hydra_clients::json
