#include "telemetry/gzip.h"

#include <algorithm>
#include <cctype>

#include <zlib.h>

namespace hydra_clients::telemetry {
namespace {

constexpr int kGzip = MAX_WBITS + 16;  // zlib.h: the window's bits, and 16 for gzip's own head
constexpr int kMemoryLevel = 8;

std::string withoutBlanks(std::string_view text) {
  std::string kept;
  for (const char c : text) {
    const auto letter = static_cast<unsigned char>(c);
    if (std::isspace(letter) == 0) kept += static_cast<char>(std::tolower(letter));
  }
  return kept;
}

}  // namespace

bool acceptsGzip(std::string_view acceptEncoding) {
  while (!acceptEncoding.empty()) {
    const std::string_view entry = acceptEncoding.substr(0, acceptEncoding.find(','));
    const std::string coding = withoutBlanks(entry);
    const std::string_view name = std::string_view(coding).substr(0, coding.find(';'));
    const bool refused = coding.find(";q=0") != std::string::npos &&
                         coding.find_first_not_of(".0", coding.find(";q=0") + 4) == std::string::npos;
    if ((name == "gzip" || name == "*") && !refused) return true;
    acceptEncoding.remove_prefix(std::min(entry.size() + 1, acceptEncoding.size()));
  }
  return false;
}

std::shared_ptr<const std::string> gzipped(std::string_view text) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kGzip, kMemoryLevel, Z_DEFAULT_STRATEGY) != Z_OK)
    return nullptr;
  auto packed = std::make_shared<std::string>(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));  // zlib reads it alone
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed->data());
  stream.avail_out = static_cast<uInt>(packed->size());
  const bool whole = deflate(&stream, Z_FINISH) == Z_STREAM_END;
  packed->resize(stream.total_out);
  deflateEnd(&stream);
  packed->shrink_to_fit();
  return whole ? packed : nullptr;
}

}  // namespace hydra_clients::telemetry
