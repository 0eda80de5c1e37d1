#pragma once

// What valijson needs to look at our json::Value without copying it: the same set of small classes that each
// of its own adapters (valijson/adapters/*.hpp) defines. Types are strong: "1" is no number and "" is no
// array. Numbers are judged by the text they were written with.

#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <valijson/internal/adapter.hpp>
#include <valijson/internal/basic_adapter.hpp>
#include <valijson/internal/frozen_value.hpp>

#include "client/json.h"

namespace hydra_clients::manifest {

class JsonAdapter;
using JsonAdapterMember = std::pair<std::string, JsonAdapter>;

/// Over a container of the tree: items of an array, or members of an object.
template <typename Derived, typename Element, typename Result>
class JsonIterator {
 public:
  using iterator_category = std::bidirectional_iterator_tag;
  using value_type = Result;
  using difference_type = std::ptrdiff_t;
  using pointer = Result*;
  using reference = Result;

  explicit JsonIterator(const Element* at) : at_(at) {}

  bool operator==(const JsonIterator& other) const { return at_ == other.at_; }
  bool operator!=(const JsonIterator& other) const { return at_ != other.at_; }
  Derived& operator++() { return ++at_, self(); }
  Derived operator++(int) { return Derived(at_++); }
  Derived& operator--() { return --at_, self(); }
  void advance(std::ptrdiff_t count) { at_ += count; }

 protected:
  const Element* at_;

 private:
  Derived& self() { return static_cast<Derived&>(*this); }
};

class JsonArrayIterator : public JsonIterator<JsonArrayIterator, json::Value, JsonAdapter> {
 public:
  using JsonIterator::JsonIterator;
  JsonAdapter operator*() const;
  valijson::adapters::DerefProxy<JsonAdapter> operator->() const;
};

class JsonMemberIterator : public JsonIterator<JsonMemberIterator, json::Member, JsonAdapterMember> {
 public:
  using JsonIterator::JsonIterator;
  JsonAdapterMember operator*() const;
  valijson::adapters::DerefProxy<JsonAdapterMember> operator->() const;
};

class JsonArray {
 public:
  using const_iterator = JsonArrayIterator;
  using iterator = JsonArrayIterator;

  JsonArray() = default;
  explicit JsonArray(const json::Value& value) : items_(&value.items) {}

  [[nodiscard]] const_iterator begin() const { return iterator(items_ ? items_->data() : nullptr); }
  [[nodiscard]] const_iterator end() const {
    return iterator(items_ ? items_->data() + items_->size() : nullptr);
  }
  [[nodiscard]] std::size_t size() const { return items_ ? items_->size() : 0; }

 private:
  const std::vector<json::Value>* items_ = nullptr;
};

class JsonObject {
 public:
  using const_iterator = JsonMemberIterator;
  using iterator = JsonMemberIterator;

  JsonObject() = default;
  explicit JsonObject(const json::Value& value) : members_(&value.members) {}

  [[nodiscard]] const_iterator begin() const { return iterator(members_ ? members_->data() : nullptr); }
  [[nodiscard]] const_iterator end() const {
    return iterator(members_ ? members_->data() + members_->size() : nullptr);
  }
  [[nodiscard]] const_iterator find(const std::string& name) const {
    for (std::size_t i = size(); i-- > 0;) {  // of a repeated name the last, as json::Value::find
      if ((*members_)[i].name == name) return iterator(members_->data() + i);
    }
    return end();
  }
  [[nodiscard]] std::size_t size() const { return members_ ? members_->size() : 0; }

 private:
  const std::vector<json::Member>* members_ = nullptr;
};

/// A value that valijson keeps for itself (of `enum` and `const`): a copy.
class JsonFrozenValue final : public valijson::adapters::FrozenValue {
 public:
  explicit JsonFrozenValue(json::Value value) : value_(std::move(value)) {}
  [[nodiscard]] FrozenValue* clone() const override { return new JsonFrozenValue(value_); }
  [[nodiscard]] bool equalTo(const valijson::adapters::Adapter& other, bool strict) const override;

 private:
  json::Value value_;
};

/// One value of the tree.
class JsonValue {
 public:
  JsonValue() : value_(&emptyObject()) {}
  // valijson constructs these from values without saying so.
  JsonValue(const json::Value& value) : value_(&value) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] valijson::adapters::FrozenValue* freeze() const { return new JsonFrozenValue(*value_); }

  [[nodiscard]] opt::optional<JsonArray> getArrayOptional() const {
    if (!isArray()) return {};
    return opt::make_optional(JsonArray(*value_));
  }
  [[nodiscard]] opt::optional<JsonObject> getObjectOptional() const {
    if (!isObject()) return {};
    return opt::make_optional(JsonObject(*value_));
  }
  bool getArraySize(std::size_t& result) const {
    result = value_->items.size();
    return isArray();
  }
  bool getObjectSize(std::size_t& result) const {
    result = value_->members.size();
    return isObject();
  }
  bool getBool(bool& result) const {
    result = value_->boolean;
    return isBool();
  }
  bool getDouble(double& result) const {
    const std::string& text = value_->text;
    return isNumber() && std::from_chars(text.data(), text.data() + text.size(), result).ec == std::errc();
  }
  bool getInteger(std::int64_t& result) const {
    if (!isNumber()) return false;
    const std::string& text = value_->text;
    const char* const end = text.data() + text.size();
    if (const auto read = std::from_chars(text.data(), end, result);
        read.ec == std::errc() && read.ptr == end) {
      return true;
    }
    double number = 0;
    constexpr double kExact =
        9007199254740992.0;  // 2^53: above it a double no longer says which integer it was
    if (!getDouble(number) || std::trunc(number) != number || std::fabs(number) > kExact) return false;
    result = static_cast<std::int64_t>(number);
    return true;
  }
  bool getString(std::string& result) const {
    if (!isString()) return false;
    result = value_->text;
    return true;
  }

  static bool hasStrictTypes() { return true; }
  [[nodiscard]] bool isArray() const { return value_->isArray(); }
  [[nodiscard]] bool isBool() const { return value_->isBool(); }
  [[nodiscard]] bool isDouble() const { return isNumber() && !isInteger(); }
  [[nodiscard]] bool isInteger() const {
    std::int64_t ignored = 0;
    return getInteger(ignored);
  }
  [[nodiscard]] bool isNull() const { return value_->isNull(); }
  [[nodiscard]] bool isNumber() const { return value_->isNumber(); }
  [[nodiscard]] bool isObject() const { return value_->isObject(); }
  [[nodiscard]] bool isString() const { return value_->isString(); }

 private:
  static const json::Value& emptyObject() {
    static const json::Value kEmpty = json::Value::object();
    return kEmpty;
  }

  const json::Value* value_;
};

class JsonAdapter : public valijson::adapters::BasicAdapter<JsonAdapter, JsonArray, JsonAdapterMember,
                                                            JsonObject, JsonValue> {
 public:
  JsonAdapter() = default;
  explicit JsonAdapter(const json::Value& value) : BasicAdapter(JsonValue(value)) {}
};

inline JsonAdapter JsonArrayIterator::operator*() const { return JsonAdapter(*at_); }
inline valijson::adapters::DerefProxy<JsonAdapter> JsonArrayIterator::operator->() const {
  return valijson::adapters::DerefProxy<JsonAdapter>(**this);
}
inline JsonAdapterMember JsonMemberIterator::operator*() const {
  return {at_->name, JsonAdapter(at_->value)};
}
inline valijson::adapters::DerefProxy<JsonAdapterMember> JsonMemberIterator::operator->() const {
  return valijson::adapters::DerefProxy<JsonAdapterMember>(**this);
}
inline bool JsonFrozenValue::equalTo(const valijson::adapters::Adapter& other, bool strict) const {
  return JsonAdapter(value_).equalTo(other, strict);
}

}  // namespace hydra_clients::manifest

template <>
struct valijson::adapters::AdapterTraits<hydra_clients::manifest::JsonAdapter> {
  using DocumentType = hydra_clients::json::Value;
  static std::string adapterName() { return "hydra_clients::manifest::JsonAdapter"; }
};
