#include "cli/signals.h"

#include <chrono>
#include <csignal>
#include <ctime>
#include <utility>

#include <pthread.h>

namespace hydra_clients::cli {
namespace {

using std::chrono::steady_clock;

sigset_t watchedSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  return signals;
}

}  // namespace

void SignalThread::block() {
  const sigset_t signals = watchedSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

SignalThread::SignalThread(Handlers handlers) : handlers_(std::move(handlers)) {
  block();
  thread_ = std::jthread([this](const std::stop_token& end) { watch(end); });
}

SignalThread::~SignalThread() {
  thread_.request_stop();
  // It sleeps in sigtimedwait: woken, so that no command waits for its next look.
  pthread_kill(thread_.native_handle(), SIGHUP);
}

void SignalThread::watch(const std::stop_token& end) {
  const sigset_t signals = watchedSignals();
  constexpr timespec kLook{0, 100'000'000};  // how exactly kGrace is kept
  steady_clock::time_point cutOff = steady_clock::time_point::max();
  while (true) {
    const int signal = sigtimedwait(&signals, nullptr, &kLook);
    if (end.stop_requested()) return;
    if (signal == SIGHUP && handlers_.lookNow) handlers_.lookNow();
    if ((signal == SIGTERM || signal == SIGINT) && stop_.request_stop())
      cutOff = steady_clock::now() + kGrace;
    if (steady_clock::now() < cutOff) continue;
    cutOff = steady_clock::time_point::max();
    if (handlers_.cutOff) handlers_.cutOff();
  }
}

}  // namespace hydra_clients::cli
