#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/optional.hpp>

#include "client/secret.h"

namespace hydra_clients::hydra {

/// A response's body for Boost.Beast's parser, at most `limit` bytes of it. Beast's own limit (1.74) is
/// passed over where the first bytes of the body come together with the head.
struct BoundedBody {
  struct value_type {
    std::string bytes;
    std::size_t limit = 0;
    std::size_t likely = 0;         ///< reserved at the body's first bytes, where its length is not told
    ~value_type() { wipe(bytes); }  // the answer to a POST holds a secret
  };

  class reader {
   public:
    using Error = boost::system::error_code;

    template <bool isRequest, class Fields>
    reader(boost::beast::http::header<isRequest, Fields>&, value_type& body) : body_(body) {}
    void init(const boost::optional<std::uint64_t>& length, Error& error) {
      error = length.value_or(0) > body_.limit ? tooLarge() : Error();
      if (!error && length) body_.bytes.reserve(static_cast<std::size_t>(*length));
    }
    template <class Buffers>
    std::size_t put(const Buffers& buffers, Error& error) {
      const std::size_t count = boost::asio::buffer_size(buffers);
      error = count > body_.limit - body_.bytes.size() ? tooLarge() : Error();
      if (error) return 0;
      if (body_.bytes.empty()) body_.bytes.reserve(std::max(count, std::min(body_.likely, body_.limit)));
      for (const auto part : boost::beast::buffers_range_ref(buffers)) {
        body_.bytes.append(static_cast<const char*>(part.data()), part.size());
      }
      return count;
    }
    void finish(Error& error) { error = {}; }

   private:
    static Error tooLarge() { return make_error_code(boost::beast::http::error::body_limit); }

    value_type& body_;
  };
};

}  // namespace hydra_clients::hydra
