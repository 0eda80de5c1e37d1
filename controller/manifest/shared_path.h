#pragma once

#include <compare>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace hydra_clients::manifest {

/// The path of a file as the user would name it: copies share one text, since a file is named by every client
/// that stands in it, and by what is remembered of it. Reads as a std::string. Immutable but for assignment.
class SharedPath {
 public:
  SharedPath() = default;  ///< ""
  SharedPath(std::string path) : text_(std::make_shared<const std::string>(std::move(path))) {}
  SharedPath(std::string_view path) : SharedPath(std::string(path)) {}
  SharedPath(const char* path) : SharedPath(std::string(path)) {}

  [[nodiscard]] const std::string& text() const {
    static const std::string kNone;
    return text_ ? *text_ : kNone;
  }
  operator const std::string&() const { return text(); }
  operator std::string_view() const { return text(); }
  [[nodiscard]] bool empty() const { return text().empty(); }

  friend bool operator==(const SharedPath& a, const SharedPath& b) {
    return a.text_ == b.text_ || a.text() == b.text();
  }
  friend std::string operator+(const SharedPath& path, std::string_view more) {
    return path.text() + std::string(more);
  }
  friend std::strong_ordering operator<=>(const SharedPath& a, const SharedPath& b) {
    return a.text() <=> b.text();
  }

 private:
  std::shared_ptr<const std::string> text_;
};

}  // namespace hydra_clients::manifest
