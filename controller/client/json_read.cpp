#include <algorithm>
#include <cstring>
#include <deque>
#include <limits>
#include <utility>

#include "client/json.h"
#include "client/json_lenient.h"
#include "client/json_text.h"
#include "client/rapidjson.h"
#include "client/utf8.h"

namespace hydra_clients::json {
namespace {

constexpr std::size_t kLargestText = std::numeric_limits<std::uint32_t>::max();

/// What a person should be told of a place where RapidJSON could not go on.
std::string explain(rapidjson::ParseErrorCode code, std::string_view text, std::size_t offset) {
  const char at = offset < text.size() ? text[offset] : '\0';
  if (offset >= text.size() && code != rapidjson::kParseErrorDocumentEmpty) {
    return "the text ends before its value does";
  }
  if (at == '/' || at == '#') return "JSON has no comments; a member named \"$comment\" is allowed";
  switch (code) {
    case rapidjson::kParseErrorDocumentEmpty:
      return "there is no JSON value here";
    case rapidjson::kParseErrorDocumentRootNotSingular:
      return "nothing may follow the first value";
    case rapidjson::kParseErrorObjectMissName:
      return "a member's name in double quotes is expected here (JSON has no comma after the last member)";
    case rapidjson::kParseErrorObjectMissColon:
      return "a colon is expected after a member's name";
    case rapidjson::kParseErrorObjectMissCommaOrCurlyBracket:
      return "a comma or } is expected here";
    case rapidjson::kParseErrorArrayMissCommaOrSquareBracket:
      return "a comma or ] is expected here";
    case rapidjson::kParseErrorStringUnicodeEscapeInvalidHex:
      return "\\u needs four hexadecimal digits";
    case rapidjson::kParseErrorStringUnicodeSurrogateInvalid:
      return "half of a surrogate pair stands alone";
    case rapidjson::kParseErrorStringEscapeInvalid:
      if (static_cast<unsigned char>(at) < 0x20) return "a control character must be escaped inside a string";
      return "no such escape: only \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\uXXXX are allowed";
    case rapidjson::kParseErrorStringMissQuotationMark:
      return "a string is not closed by a double quote";
    case rapidjson::kParseErrorNumberTooBig:
      return "no number of this size can be kept (at most about 1.8e308)";
    case rapidjson::kParseErrorNumberMissFraction:
      return "a digit is expected after the decimal point";
    case rapidjson::kParseErrorNumberMissExponent:
      return "a digit is expected in the exponent";
    default:
      break;
  }
  if (at == ']' || at == '}') return "a value is expected here (JSON has no comma after the last element)";
  if (at == '\'') return "a value is expected here (strings stand in double quotes)";
  return "a value is expected here";
}

/// What is JSON by its letter and still cannot be kept has rules of its own.
std::string ruleOf(rapidjson::ParseErrorCode code) {
  if (code == rapidjson::kParseErrorStringUnicodeSurrogateInvalid) return "json-surrogate";
  return code == rapidjson::kParseErrorNumberTooBig ? "json-number" : "json-syntax";
}

/// RapidJSON's events to elements. One instance reads one text.
class ElementBuilder {
 public:
  ElementBuilder(std::string_view text, const rapidjson::MemoryStream& stream, const Limits& limits,
                 Strictness strictness, const ElementVisitor& visit, bool splitArray)
      : text_(text),
        stream_(stream),
        limits_(limits),
        manifest_(strictness == Strictness::kManifest),
        visit_(visit),
        splitArray_(splitArray) {}

  bool Null() { return scalar(Value{}); }
  bool Bool(bool value) {
    Value v;
    v.kind = Kind::kBool;
    v.boolean = value;
    return scalar(std::move(v));
  }
  bool RawNumber(const char*, rapidjson::SizeType, bool) {
    Value v;
    v.kind = Kind::kNumber;
    return scalar(std::move(v));
  }
  bool String(const char* text, rapidjson::SizeType length, bool) {
    Value v;
    v.kind = Kind::kString;
    v.text = kept({text, length});
    return scalar(std::move(v));
  }
  bool Key(const char* text, rapidjson::SizeType length, bool) {
    const std::uint32_t begin = tokenBegin();
    if (skippedDepth_ > 0) return true;
    Frame& frame = stack_.back();
    frame.nameBegin = begin;
    const std::string name = kept({text, length});
    frame.name = withoutInvalidUtf8(name);  // as Go reads halves of surrogate pairs; faults name it
    if (manifest_) checkText(name, begin);
    return true;
  }
  bool StartObject() { return start(Kind::kObject); }
  bool EndObject(rapidjson::SizeType) { return finish(); }
  bool StartArray() { return start(Kind::kArray); }
  bool EndArray(rapidjson::SizeType) { return finish(); }

  // Numbers come as text (kParseNumbersAsStringsFlag); RapidJSON asks for these names all the same.
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(std::int64_t) { return false; }
  bool Uint64(std::uint64_t) { return false; }
  bool Double(double) { return false; }

 private:
  struct Frame {
    Value value;
    std::string name;  ///< of the member that is being read
    std::uint32_t nameBegin = 0;
    bool insideMetadata = false;
  };

  /// Between two tokens stand only white space, commas and colons.
  std::uint32_t tokenBegin() {
    std::size_t begin = previousEnd_;
    while (begin < text_.size() && std::strchr(" \t\r\n,:", text_[begin]) != nullptr) ++begin;
    previousEnd_ = stream_.Tell();
    return static_cast<std::uint32_t>(begin);
  }

  /// A string's bytes. A manifest's are checked instead.
  [[nodiscard]] std::string kept(std::string_view bytes) const {
    return manifest_ ? std::string(bytes) : withoutInvalidUtf8(bytes);
  }

  bool scalar(Value&& value) {
    value.begin = tokenBegin();
    value.end = static_cast<std::uint32_t>(previousEnd_);
    if (skippedDepth_ > 0) return true;
    if (value.isNumber()) value.text = text_.substr(value.begin, value.end - value.begin);  // as written
    if (manifest_ && !value.text.empty() && !checkText(value.text, value.begin)) value.text.clear();
    place(std::move(value));
    return true;
  }

  // In iterative mode RapidJSON tells of a bracket before it takes it.
  bool start(Kind kind) {
    const auto begin = static_cast<std::uint32_t>(stream_.Tell());
    previousEnd_ = begin + 1;
    if (kind == Kind::kArray && stack_.empty() && splitArray_ && !inArray_ && index_ == 0) {
      inArray_ = true;
      return true;
    }
    if (skippedDepth_ > 0) {
      ++skippedDepth_;
      return true;
    }
    if (stack_.size() >= (manifest_ ? limits_.nesting : kLiveNesting)) {
      if (manifest_) {
        fault(begin, "json-nesting", "nested deeper than " + std::to_string(limits_.nesting) + " levels",
              placeOfNext());
      }
      skippedDepth_ = 1;
      return true;
    }
    Frame frame;
    frame.value.kind = kind;
    frame.value.begin = begin;
    frame.insideMetadata = !stack_.empty() && (stack_.back().insideMetadata ||
                                               (stack_.size() == 1 && stack_.back().value.isObject() &&
                                                foldName(stack_.back().name) == "metadata"));
    stack_.push_back(std::move(frame));
    return true;
  }

  bool finish() {
    const auto end = static_cast<std::uint32_t>(stream_.Tell() + 1);
    previousEnd_ = end;
    if (skippedDepth_ > 0) {
      if (--skippedDepth_ == 0) place(Value{});
      return true;
    }
    if (stack_.empty()) return true;  // the top-level array's end
    Frame frame = std::move(stack_.back());
    frame.value.end = end;
    if (manifest_ && frame.value.isObject()) {
      findDuplicates(frame.value, frame.insideMetadata);
    }
    stack_.pop_back();
    place(std::move(frame.value));
    return true;
  }

  void place(Value&& value) {
    if (stack_.empty()) {
      deliver(std::move(value));
      return;
    }
    Frame& parent = stack_.back();
    if (parent.value.isObject()) {
      parent.value.members.push_back({std::move(parent.name), parent.nameBegin, std::move(value)});
    } else {
      parent.value.items.push_back(std::move(value));
    }
  }

  void deliver(Value&& value) {
    if (manifest_ && value.end - value.begin > limits_.elementBytes) {
      fault(value.begin, "client-size",
            "one client may take at most " + std::to_string(limits_.elementBytes) + " bytes", "");
    }
    visit_(Element{std::move(value), index_, inArray_, std::exchange(faults_, {})});
    ++index_;
  }

  /// Whether the text of the name or the value that comes next may be kept.
  bool checkText(const std::string& text, std::uint32_t begin) {
    if (text.size() > limits_.stringBytes) {
      fault(begin, "json-string-length",
            "longer than " + std::to_string(limits_.stringBytes) + " bytes (" + std::to_string(text.size()) +
                ")",
            placeOfNext());
      return false;
    }
    if (text.find('\0') != std::string::npos) {
      fault(begin, "json-nul", "a NUL character (\\u0000) is not allowed", placeOfNext());
      return false;
    }
    if (firstInvalidUtf8(text) != std::string_view::npos) {
      fault(begin, "json-surrogate", "half of a surrogate pair stands alone", placeOfNext());
      return false;
    }
    return true;
  }

  /// Of the innermost open object.
  void findDuplicates(const Value& object, bool exact) {
    std::deque<std::string> folded;  // those that are not as they stand
    std::vector<std::pair<std::string_view, const Member*>> names;
    names.reserve(object.members.size());
    for (const Member& member : object.members) {
      const bool asItStands = exact || isFolded(member.name);
      names.emplace_back(asItStands ? member.name : folded.emplace_back(foldName(member.name)), &member);
    }
    std::stable_sort(names.begin(), names.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    for (std::size_t i = 1; i < names.size(); ++i) {
      if (names[i].first != names[i - 1].first) continue;
      const Member& first = *names[i - 1].second;
      const Member& second = *names[i].second;
      std::string message = "the member " + quote(shortened(second.name)) + " stands twice";
      if (first.name != second.name) message += " (Hydra matches names without case)";
      fault(second.nameBegin, "json-duplicate-key", std::move(message),
            pointerTo(pointer(), shortened(second.name, kLongestStep)));
    }
  }

  void fault(std::size_t offset, std::string rule, std::string message, std::string pointer) {
    if (faults_.size() >= kMostFaults) return;
    faults_.push_back({offset, std::move(rule), std::move(message), std::move(pointer)});
  }

  // A pointer costs as much as the place is deep, so one is made for a fault alone.

  /// Pointer of the innermost open array or object.
  [[nodiscard]] std::string pointer() const {
    std::string result;
    for (std::size_t i = 0; i + 1 < stack_.size(); ++i) result = step(result, stack_[i]);
    return result;
  }
  /// Pointer of the value that comes next.
  [[nodiscard]] std::string placeOfNext() const {
    return stack_.empty() ? "" : step(pointer(), stack_.back());
  }
  static std::string step(const std::string& parent, const Frame& frame) {
    return frame.value.isObject() ? pointerTo(parent, shortened(frame.name, kLongestStep))
                                  : pointerTo(parent, frame.value.items.size());
  }

  static constexpr std::size_t kMostFaults = 1000;  ///< of one element

  std::string_view text_;
  const rapidjson::MemoryStream& stream_;
  const Limits& limits_;
  const bool manifest_;
  const ElementVisitor& visit_;
  const bool splitArray_;

  std::vector<Frame> stack_;
  std::vector<SyntaxFault> faults_;
  std::size_t skippedDepth_ = 0;  ///< open brackets below the nesting limit
  std::size_t previousEnd_ = 0;
  std::size_t index_ = 0;
  bool inArray_ = false;
};

SyntaxFault nulByteAt(std::size_t offset) {
  return {offset, "json-nul", "a NUL byte is not allowed: this is not a JSON text", ""};
}

std::optional<SyntaxFault> encodingFault(std::string_view text) {
  if (text.size() > kLargestText) return SyntaxFault{0, "file-size", "a text may take at most 4 GiB", ""};
  if (text.starts_with("\xEF\xBB\xBF")) {
    return SyntaxFault{0, "json-encoding", "a byte order mark stands before the JSON; Hydra refuses it", ""};
  }
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    return SyntaxFault{0, "json-encoding", "this is UTF-16; JSON must be UTF-8", ""};
  }
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
    return nulByteAt(nul);
  }
  if (const std::size_t bad = firstInvalidUtf8(text); bad != std::string_view::npos) {
    return SyntaxFault{bad, "json-encoding", "this byte is not UTF-8", ""};
  }
  return std::nullopt;
}

std::optional<SyntaxFault> read(std::string_view text, const Limits& limits, Strictness strictness,
                                const ElementVisitor& visit, bool splitArray) {
  if (strictness == Strictness::kManifest) {
    if (auto fault = encodingFault(text)) return fault;
  }
  const auto rewritten =
      strictness == Strictness::kLive ? asRapidJsonTakesIt(text) : std::optional<std::string>();
  rapidjson::MemoryStream stream(rewritten ? rewritten->data() : text.data(), text.size());
  ElementBuilder builder(text, stream, limits, strictness, visit, splitArray);
  rapidjson::Reader reader;
  constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag;
  const rapidjson::ParseResult result = reader.Parse<kFlags>(stream, builder);
  if (!result.IsError()) {
    if (stream.Tell() == text.size()) return std::nullopt;
    return nulByteAt(stream.Tell());  // RapidJSON takes it for the text's end
  }
  return SyntaxFault{result.Offset(), ruleOf(result.Code()), explain(result.Code(), text, result.Offset()),
                     ""};
}

}  // namespace

std::optional<SyntaxFault> readElements(std::string_view text, const Limits& limits, Strictness strictness,
                                        const ElementVisitor& visit) {
  return read(text, limits, strictness, visit, /*splitArray=*/true);
}

tl::expected<Value, SyntaxFault> parse(std::string_view text, Strictness strictness) {
  Value root;
  std::vector<SyntaxFault> faults;
  const auto keep = [&](Element&& element) {
    root = std::move(element.value);
    faults = std::move(element.faults);
  };
  if (auto fault = read(text, Limits{}, strictness, keep, /*splitArray=*/false)) {
    return tl::unexpected(std::move(*fault));
  }
  if (!faults.empty()) return tl::unexpected(std::move(faults.front()));
  return root;
}

}  // namespace hydra_clients::json
