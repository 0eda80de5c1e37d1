// A client read from and written as JSON, as Hydra's Go does it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "client.h"

namespace sandbox {

/// json.Decoder.Decode into `client`: its present values stay where the body is silent. Unknown fields,
/// fields that this dialect does not know and text after the first value are ignored; keys match without
/// case; the last of several wins. The error is Go's text; `client` is then of no use.
tl::expected<void, std::string> decode_client(std::string_view body, const Dialect& dialect, Client& client);

/// The lifespans in the body of PUT …/lifespans.
tl::expected<Client, std::string> decode_lifespans(std::string_view body, const Dialect& dialect);

/// Appends the client as json.Marshal writes it.
void append_client(std::string& out, const Client& client, const Dialect& dialect);

}  // namespace sandbox
