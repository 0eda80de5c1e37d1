// A dialect is what one family of Hydra releases does differently from the others: paths, paging, status
// codes, fields. One row of a table each; the code asks the row, never the version.
#pragma once

#include <string_view>
#include <vector>

namespace sandbox {

/// In the order of their release, so that "known since" is a comparison.
enum class Version { v1_9, v1_11, v2_1, v2_3, v26 };

enum class Paging {
  limit_offset,  // v1: ?limit=&offset=
  offset_token,  // v2.0 to v2.3: ?page_size=&page_token=, a token being a page's offset in base64
  keyset_token,  // v25 and later: an opaque token, no total count
};

enum class Lists {
  joined_unescaped,  // v1.9, v1.10: joined by "|"
  joined_escaped,    // v1.11: joined by "|", which is escaped, but not when read back (not quite)
  json,              // v2 and later
};

struct Dialect {
  Version version;
  std::string_view name;          // as --dialect takes it
  std::string_view release;       // as GET /version says it
  std::string_view clients_path;  // where the clients are served
  Paging paging;
  int default_page_size;
  int max_page_size;
  Lists lists;
  bool missing_client_is_401;  // v1.9, v1.10
  bool chosen_id_refused;      // v2.0, v2.1
  bool decode_fault_is_500;    // a body that is not a client: 500 before v2.2, 400 since
  bool strict_keys;            // v2.2 and later ask each JSON web key whether it is valid
  bool padded_base64_keys;     // go-jose v3 takes "=" at the end of a key's numbers and a string x5u
  bool registration_token;     // the 201 carries registration_access_token and registration_client_uri
  bool random_order;           // v2.0, v2.1 list by a random primary key, the others by id
  bool servemux;               // v25 and later route with Go's ServeMux, the others with httprouter
  bool patch;                  // PATCH is served
};

const std::vector<Dialect>& all_dialects();

/// The dialect of that name ("v1.9", "v1.11", "v2.1", "v2.3", "v26"), or nullptr.
const Dialect* find_dialect(std::string_view name);

}  // namespace sandbox
