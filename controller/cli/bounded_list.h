#pragma once

#include <cstddef>
#include <string>

namespace hydra_clients::cli {

/// How much of a list is shown at most.
struct ListBounds {
  std::size_t items;
  std::size_t bytes;
};

/// Texts one after the other, up to the first that does not fit any more; the rest is counted, and not made.
class BoundedList {
 public:
  explicit BoundedList(ListBounds bounds) : bounds_(bounds) {}

  /// `make` gives the text.
  template <typename Make>
  void add(const Make& make) {
    if (leftOut_ == 0 && items_ < bounds_.items) {
      const std::string item = make();
      if (text_.size() + item.size() <= bounds_.bytes) {
        text_ += item;
        ++items_;
        return;
      }
    }
    ++leftOut_;
  }
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] std::size_t leftOut() const { return leftOut_; }

 private:
  const ListBounds bounds_;
  std::string text_;
  std::size_t items_ = 0;
  std::size_t leftOut_ = 0;
};

}  // namespace hydra_clients::cli
