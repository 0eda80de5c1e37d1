// JSON web key sets as go-jose reads and writes them: which keys it takes, which members survive, and which
// keys it writes so that it cannot read them again (an RSA exponent of zero, an empty symmetric key).
#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "dialect.h"

namespace sandbox {

struct KeySet {
  std::string json;      // as go-jose writes it: {"keys":[…]}, {"keys":null} or {}; empty for none at all
  bool present = false;  // has a "keys" member, whatever it holds
  bool unreadable = false;  // a key that cannot be read back
  bool invalid = false;     // a key for which JSONWebKey.Valid() is false
  std::string type_fault;   // a value of the wrong type, which Go reports after the rest was read
};

/// `value` is a JSON object. The error is Go's text.
tl::expected<KeySet, std::string> read_key_set(std::string_view value, const Dialect& dialect);

}  // namespace sandbox
