#include "secrets/gpgme_loop.h"

#include <cerrno>
#include <utility>

#include <poll.h>

namespace hydra_clients::secrets {

GpgmeLoop::GpgmeLoop(gpgme_ctx_t context) : context_(context) {
  gpgme_io_cbs callbacks{&GpgmeLoop::add, this, &GpgmeLoop::remove, &GpgmeLoop::event, this};
  gpgme_set_io_cbs(context, &callbacks);
}

gpgme_error_t GpgmeLoop::add(void* loop, int file, int reads, gpgme_io_cb_t call, void* argument,
                             void** tag) {
  auto* self = static_cast<GpgmeLoop*>(loop);
  self->watches_.push_back(Watch{self, file, reads != 0, call, argument});
  *tag = &self->watches_.back();
  return GPG_ERR_NO_ERROR;
}

void GpgmeLoop::remove(void* tag) { static_cast<Watch*>(tag)->removed = true; }

void GpgmeLoop::event(void* loop, gpgme_event_io_t type, void* what) {
  auto* self = static_cast<GpgmeLoop*>(loop);
  switch (type) {
    case GPGME_EVENT_START:
      self->done_ = false;
      self->result_ = GPG_ERR_NO_ERROR;
      break;
    case GPGME_EVENT_DONE: {
      const auto* end = static_cast<gpgme_io_event_done_data_t>(what);
      self->done_ = true;
      self->result_ = end->err != GPG_ERR_NO_ERROR ? end->err : end->op_err;
      break;
    }
    case GPGME_EVENT_NEXT_KEY: {
      Key key(static_cast<gpgme_key_t>(what));  // GPGME hands its reference over
      if (self->keys_.size() < kMaxKeys) self->keys_.push_back(std::move(key));
      break;
    }
    case GPGME_EVENT_NEXT_TRUSTITEM:
      break;
  }
}

/// One round: waits for any watched file, and tells GPGME about each that is ready.
gpgme_error_t GpgmeLoop::pollOnce(std::chrono::milliseconds left) {
  watches_.remove_if([](const Watch& watch) { return watch.removed; });
  std::vector<pollfd> files;
  std::vector<Watch*> watches;
  for (Watch& watch : watches_) {
    files.push_back({watch.file, static_cast<short>(watch.reads ? POLLIN : POLLOUT), 0});
    watches.push_back(&watch);
  }
  if (files.empty()) return gpgme_error(GPG_ERR_INTERNAL);  // not done, and nothing to wait for
  const int ready = poll(files.data(), files.size(), static_cast<int>(left.count()));
  if (ready < 0 && errno != EINTR) return gpgme_error_from_errno(errno);
  for (std::size_t i = 0; ready > 0 && i < files.size(); ++i) {
    if (files[i].revents == 0 || watches[i]->removed) continue;
    if (const auto error = watches[i]->call(watches[i]->argument, watches[i]->file)) return error;
  }
  return GPG_ERR_NO_ERROR;
}

gpgme_error_t GpgmeLoop::finish(std::chrono::milliseconds timeout) {
  using std::chrono::milliseconds;
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (!done_) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now());
    const auto error = left.count() <= 0 ? gpgme_error(GPG_ERR_TIMEOUT) : pollOnce(left);
    if (error == GPG_ERR_NO_ERROR || done_) continue;
    gpgme_cancel(context_);
    done_ = true;
    result_ = error;
  }
  watches_.clear();
  return result_;
}

std::vector<GpgmeLoop::Key> GpgmeLoop::takeKeys() { return std::exchange(keys_, {}); }

}  // namespace hydra_clients::secrets
