#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace hydra_clients::telemetry {

/// Whether a header Accept-Encoding takes gzip (RFC 9110 §12.5.3).
[[nodiscard]] bool acceptsGzip(std::string_view acceptEncoding);

/// As gzip, compressed a little and quickly; null where there is no memory for it.
[[nodiscard]] std::shared_ptr<const std::string> gzipped(std::string_view text);

}  // namespace hydra_clients::telemetry
