#pragma once

#include <string_view>

#include "client/json.h"

namespace hydra_clients::manifest {

/// Lines and columns of offsets that mostly rise: each asks only for the text since the one before, so that
/// the places of a hundred thousand clients in one array cost one walk over it. `text` must outlive it.
class PositionCursor {
 public:
  explicit PositionCursor(std::string_view text) : text_(text) {}

  [[nodiscard]] json::Position of(std::size_t offset) {
    if (offset < offset_) {
      offset_ = 0;
      position_ = {};
    }
    const json::Position step = json::positionOf(text_.substr(offset_), offset - offset_);
    if (step.line > 1) {
      position_ = {position_.line + step.line - 1, step.column};
    } else {
      position_.column += step.column - 1;
    }
    offset_ = offset;
    return position_;
  }

 private:
  std::string_view text_;
  std::size_t offset_ = 0;
  json::Position position_;
};

}  // namespace hydra_clients::manifest
