#pragma once

#include <string_view>

#include "client/json.h"

namespace hydra_clients::manifest {

/// Lines and columns of offsets that mostly rise: each asks only for the text since the one before, so that
/// the places of a hundred thousand clients in one array cost one walk over it. Going back starts from the
/// last mark. `text` must outlive it.
class PositionCursor {
 public:
  explicit PositionCursor(std::string_view text) : text_(text) {}

  [[nodiscard]] json::Position of(std::size_t offset) {
    if (offset < now_.offset) now_ = offset < mark_.offset ? Place{} : mark_;
    const json::Position step = json::positionOf(text_.substr(now_.offset), offset - now_.offset);
    if (step.line > 1) {
      now_.position = {now_.position.line + step.line - 1, step.column};
    } else {
      now_.position.column += step.column - 1;
    }
    now_.offset = offset;
    return now_.position;
  }

  /// What was asked for last is the beginning of an element: nothing before it will be asked for.
  void mark() { mark_ = now_; }

 private:
  struct Place {
    std::size_t offset = 0;
    json::Position position;
  };

  std::string_view text_;
  Place now_, mark_;
};

}  // namespace hydra_clients::manifest
