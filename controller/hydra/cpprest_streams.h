#pragma once

// The two ends of a request as cpprest's streams. Included by cpprest_transport.cpp only: cpprest costs 11 s.

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <utility>

#include <cpprest/streams.h>

#include "client/secret.h"

namespace hydra_clients::hydra {

/// What a stream buffer that is neither rewound nor peeked into leaves out.
///
/// can_seek() is the point: cpprest 2.10.18 sends a request a second time where a kept connection turns out
/// to be closed when the response is awaited, by which time Hydra may have acted upon it. It rewinds the body
/// for that, and gives up in words where the body cannot be rewound (http_client_asio.cpp,
/// handle_failed_read_status_line).
class OneWayBuffer : public Concurrency::streams::details::streambuf_state_manager<std::uint8_t> {
 protected:
  using Base = Concurrency::streams::details::streambuf_state_manager<std::uint8_t>;
  using Byte = std::uint8_t;
  using Mode = std::ios_base::openmode;
  using Base::Base;

  // The library's close() waits for a continuation, which nothing would run: its thread is the one that
  // waits.
  pplx::task<void> close(Mode mode) override {
    if ((mode & std::ios_base::in) != 0) (void)_close_read();
    if ((mode & std::ios_base::out) != 0) (void)_close_write();
    return pplx::task_from_result();
  }
  pplx::task<void> close(Mode mode, std::exception_ptr why) override {
    if (!m_currentException) m_currentException = std::move(why);
    return close(mode);
  }

  bool can_seek() const override { return false; }
  bool has_size() const override { return false; }
  std::size_t buffer_size(Mode) const override { return 0; }
  void set_buffer_size(std::size_t, Mode) override {}
  std::size_t in_avail() const override { return 0; }
  pos_type getpos(Mode) const override { return static_cast<pos_type>(traits::eof()); }
  pos_type seekpos(pos_type, Mode) override { return static_cast<pos_type>(traits::eof()); }
  pos_type seekoff(off_type, std::ios_base::seekdir, Mode) override {
    return static_cast<pos_type>(traits::eof());
  }
  bool acquire(Byte*& bytes, std::size_t& count) override {
    bytes = nullptr;
    count = 0;
    return false;
  }
  void release(Byte*, std::size_t) override {}
  pplx::task<int_type> _putc(Byte) override { return atEnd(); }
  pplx::task<std::size_t> _putn(const Byte*, std::size_t) override {
    return pplx::task_from_result<std::size_t>(0);
  }
  pplx::task<int_type> _bumpc() override { return atEnd(); }
  int_type _sbumpc() override { return traits::eof(); }
  pplx::task<int_type> _getc() override { return atEnd(); }
  int_type _sgetc() override { return traits::eof(); }
  pplx::task<int_type> _nextc() override { return atEnd(); }
  pplx::task<int_type> _ungetc() override { return atEnd(); }
  pplx::task<std::size_t> _getn(Byte*, std::size_t) override {
    return pplx::task_from_result<std::size_t>(0);
  }
  std::size_t _scopy(Byte*, std::size_t) override { return 0; }
  pplx::task<bool> _sync() override { return pplx::task_from_result(true); }
  Byte* _alloc(std::size_t) override { return nullptr; }
  void _commit(std::size_t) override {}

 private:
  static pplx::task<int_type> atEnd() { return pplx::task_from_result<int_type>(traits::eof()); }
};

/// A request's body. cpprest takes from it only when the headers are written, so that an untouched source
/// proves that Hydra cannot have seen a client.
class BodySource final : public OneWayBuffer {
 public:
  explicit BodySource(SharedSecret body) : OneWayBuffer(std::ios_base::in), body_(std::move(body)) {}

  /// Whether anything was taken so far; from now on nothing more is.
  [[nodiscard]] bool seal() { return state_.exchange(State::kSealed) == State::kTouched; }
  [[nodiscard]] bool touched() const { return state_ == State::kTouched; }

 private:
  enum class State : std::uint8_t { kUntouched, kTouched, kSealed };

  pplx::task<std::size_t> _getn(Byte* to, std::size_t count) override {
    State before = State::kUntouched;
    if (!state_.compare_exchange_strong(before, State::kTouched) && before == State::kSealed) {
      return pplx::task_from_result<std::size_t>(0);
    }
    const std::string_view rest = body_->reveal(Purpose::kPostBody).substr(taken_);
    const std::size_t size = std::min(count, rest.size());
    std::copy_n(rest.data(), size, to);
    taken_ += size;
    return pplx::task_from_result(size);
  }

  SharedSecret body_;
  std::size_t taken_ = 0;
  std::atomic<State> state_ = State::kUntouched;
};

/// Thrown through cpprest where a response is over its limit.
struct ResponseTooLarge final : std::exception {
  [[nodiscard]] const char* what() const noexcept override { return "response over its limit"; }
};

/// A response's body, at most `limit` bytes of it.
class BodySink final : public OneWayBuffer {
 public:
  explicit BodySink(std::size_t limit) : OneWayBuffer(std::ios_base::out), limit_(limit) {}
  ~BodySink() override { wipe(bytes_); }  // the answer to a POST holds a secret

  /// Only once the response is complete.
  [[nodiscard]] std::string take() { return std::exchange(bytes_, {}); }
  /// Makes room at once for a body whose length was told.
  void expect(std::size_t size) { bytes_.reserve(std::min(size, limit_)); }

 private:
  pplx::task<std::size_t> _putn(const Byte* from, std::size_t count) override {
    if (count > limit_ - bytes_.size()) return pplx::task_from_exception<std::size_t>(ResponseTooLarge());
    bytes_.append(reinterpret_cast<const char*>(from), count);
    return pplx::task_from_result(count);
  }
  pplx::task<std::size_t> _putn(const Byte* from, std::size_t count, bool) override {
    return _putn(from, count);
  }

  const std::size_t limit_;
  std::string bytes_;
};

}  // namespace hydra_clients::hydra
