// A response as bytes, framed as Go's HTTP server frames it: Content-Length up to 2 KiB, chunks above.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "message.h"

namespace sandbox {

struct WireOptions {
  bool http_1_0 = false;
  bool head_only = false;     // the answer to HEAD
  bool say_close = false;     // Connection: close
  std::size_t pad_bytes = 0;  // white space before the body, sent without being held in memory
};

struct WireMessage {
  std::string head;           // status line, headers, empty line
  std::string body;           // framed
  std::size_t pad_bytes = 0;  // to be sent between the two, each piece as a chunk of its own
};

WireMessage to_wire(const Response& response, const WireOptions& options);

/// One chunk of `count` spaces.
std::string padding_chunk(std::size_t count);

}  // namespace sandbox
