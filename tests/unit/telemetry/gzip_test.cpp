#include "telemetry/gzip.h"

#include <gtest/gtest.h>
#include <zlib.h>

namespace hydra_clients::telemetry {
namespace {

std::string unpacked(const std::string& packed, std::size_t size) {
  std::string text(size + 1, '\0');
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, MAX_WBITS + 16), Z_OK);
  std::string input = packed;
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  text.resize(stream.total_out);
  inflateEnd(&stream);
  return text;
}

TEST(Gzip, GivesTheTextBack) {
  std::string text;
  for (int i = 0; i < 50'000; ++i) text += std::to_string(i * 7919) + ",";
  for (const auto& each : {std::string(), std::string("x"), text}) {
    const auto packed = gzipped(each);
    ASSERT_NE(packed, nullptr);
    EXPECT_EQ(unpacked(*packed, each.size()), each);
  }
  EXPECT_LT(gzipped(std::string(1 << 20, 'x'))->size(), 10'000U);
}

TEST(Gzip, IsTakenByWhoeverNamesItAndDoesNotRefuseIt) {
  for (const auto* takes :
       {"gzip", "deflate, gzip", "gzip;q=0.5", "GZIP", "br;q=1.0,gzip; q=0.8", "*", "gzip;q=0.01"}) {
    EXPECT_TRUE(acceptsGzip(takes)) << takes;
  }
  for (const auto* takesNot :
       {"", "identity", "br", "gzip;q=0", "gzip; q=0.000", "xgzip", "gzipx", ",", "br,"}) {
    EXPECT_FALSE(acceptsGzip(takesNot)) << takesNot;
  }
}

}  // namespace
}  // namespace hydra_clients::telemetry
