#include "cli/source_excerpt.h"

#include <algorithm>
#include <array>
#include <utility>

#include "client/secret.h"

namespace hydra_clients::cli {
namespace {

constexpr std::string_view kHidden = "\"…\"";
constexpr std::string_view kCut = "…";
constexpr std::size_t kBeforeFault = 40;  // characters that are shown before it, where the line is cut

bool isContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

std::size_t charactersIn(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return !isContinuation(c); }));
}

/// The byte at which the n-th character (from 1) begins.
std::size_t byteOf(std::string_view line, std::size_t character) {
  std::size_t at = 0;
  while (at < line.size() && character > 1) {
    ++at;
    while (at < line.size() && isContinuation(line[at])) ++at;
    --character;
  }
  return at;
}

/// Whether the place is no field's: the whole text, or an element of its array. A fault of syntax is told at
/// one of these, whatever stands there.
bool namesNoField(std::string_view pointer) {
  return pointer.empty() || pointer.substr(1).find_first_not_of("0123456789") == std::string_view::npos;
}

/// Whether the fields on the way to the value may hold what must not be shown: a secret, a private key. What
/// stands in the very place of client_secret_from may be a secret too; below it stands where one is.
bool mayHoldSecret(std::string_view pointer) {
  constexpr std::array<std::string_view, 7> kPrivateKeyMembers = {"d", "dp", "dq", "k", "p", "q", "qi"};
  if (namesNoField(pointer)) return true;
  if (pointer.find("secret") != std::string_view::npos &&
      pointer.find("client_secret_from/") == std::string_view::npos)
    return true;
  const std::string_view last = pointer.substr(pointer.rfind('/') + 1);
  return std::ranges::find(kPrivateKeyMembers, last) != kPrivateKeyMembers.end();
}

/// The end of the string that begins at `begin` (its opening quote): past its closing quote, or the line's
/// end.
std::size_t endOfString(std::string_view line, std::size_t begin) {
  for (std::size_t i = begin + 1; i < line.size(); ++i) {
    if (line[i] == '\\') {
      ++i;
    } else if (line[i] == '"') {
      return i + 1;
    }
  }
  return line.size();
}

constexpr std::string_view kEndsAWord = " \t,:{}[]\"";

/// What is neither a string nor structure: a number, a literal, or a string whose quotes were forgotten.
std::size_t endOfWord(std::string_view line, std::size_t begin) {
  return std::min(line.find_first_of(kEndsAWord, begin), line.size());
}

bool isNumber(std::string_view word) {
  return word.find_first_not_of("0123456789+-.eE") == std::string_view::npos;
}

/// Whether nobody's secret can be such a word: Hydra takes none of less than six characters.
bool isHarmless(std::string_view word) {
  constexpr std::size_t kShortestSecret = 6;
  constexpr std::array<std::string_view, 8> kLiterals = {"true",  "false", "null", "True",
                                                         "False", "None",  "NaN",  "undefined"};
  const bool isPunctuation = std::ranges::none_of(word, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80) != 0;
  });
  return isPunctuation || (isNumber(word) && word.size() < kShortestSecret) ||
         std::ranges::find(kLiterals, word) != kLiterals.end();
}

bool isName(std::string_view line, std::size_t end) {
  const std::size_t next = line.find_first_not_of(" \t", end);
  return next != std::string_view::npos && line[next] == ':';
}

/// Control characters, and those that turn the direction of text, are shown as "?"; a tab as one blank.
void appendShown(std::string& to, std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const std::string_view three = text.substr(i, 3);
    const bool turns = (three >= "\xE2\x80\xAA" && three <= "\xE2\x80\xAE") ||
                       (three >= "\xE2\x81\xA6" && three <= "\xE2\x81\xA9");
    const bool secondBlock =
        byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (turns && three.size() == 3) {
      to += '?';
      i += 2;
    } else if (secondBlock) {
      to += '?';
      ++i;
    } else if (byte == '\t') {
      to += ' ';
    } else {
      to += byte < 0x20 || byte == 0x7F ? '?' : text[i];
    }
  }
}

/// One string, one word, or one character between them.
struct Token {
  enum class Kind { kName, kString, kWord, kStructure };

  std::size_t end = 0;
  Kind kind = Kind::kStructure;
};

Token tokenAt(std::string_view line, std::size_t begin) {
  if (line[begin] == '"') {
    const std::size_t end = endOfString(line, begin);
    return {end, isName(line, end) ? Token::Kind::kName : Token::Kind::kString};
  }
  if (kEndsAWord.find(line[begin]) != std::string_view::npos) return {begin + 1, Token::Kind::kStructure};
  return {endOfWord(line, begin), Token::Kind::kWord};
}

/// Whether a token that is not at fault is hidden.
bool isHidden(Token::Kind kind, std::string_view text) {
  return kind == Token::Kind::kString || (kind == Token::Kind::kWord && !isHarmless(text));
}

/// The same of the token at fault. `mayBeShown`: it is the value of a field that holds no secret.
bool isHiddenAtFault(Token::Kind kind, std::string_view text, bool mayBeShown) {
  if (kind == Token::Kind::kString) return !mayBeShown;
  return kind == Token::Kind::kWord && !isHarmless(text) && !(mayBeShown && isNumber(text));
}

void appendToken(std::string& to, Token::Kind kind, std::string_view text, bool hide) {
  if (hide) {
    to += kind == Token::Kind::kString ? kHidden : kCut;
  } else {
    appendShown(to, text);
  }
}

/// A part of the line without strange values, and where in it, in bytes, the fault's token stands.
struct Masked {
  std::string text;
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// What is shown from the fault's token on, appended to what stands before it.
Masked mask(std::string before, std::string_view line, std::size_t at, bool mayBeShown) {
  Masked masked{std::move(before), 0, 0};
  masked.begin = masked.end = masked.text.size();
  if (at == line.size()) return masked;
  const Token token = tokenAt(line, at);
  const std::string_view text = line.substr(at, token.end - at);
  appendToken(masked.text, token.kind, text, isHiddenAtFault(token.kind, text, mayBeShown));
  masked.end = masked.text.size();
  std::size_t shown = 0;
  for (at = token.end; at < line.size() && shown <= SourceText::kWidest;) {
    const Token next = tokenAt(line, at);
    const std::string_view nextText = line.substr(at, next.end - at);
    const std::size_t size = masked.text.size();
    appendToken(masked.text, next.kind, nextText, isHidden(next.kind, nextText));
    shown += charactersIn(std::string_view(masked.text).substr(size));
    at = next.end;
  }
  return masked;
}

/// A long line is cut on both sides of the fault.
Excerpt cut(const Masked& masked) {
  const std::size_t before = charactersIn(std::string_view(masked.text).substr(0, masked.begin));
  const std::size_t all = charactersIn(masked.text);
  const std::size_t first = all <= SourceText::kWidest || before <= kBeforeFault ? 0 : before - kBeforeFault;
  const std::size_t most = std::min(all - first, SourceText::kWidest);
  const std::size_t from = byteOf(masked.text, first + 1);
  const std::size_t to = byteOf(masked.text, first + most + 1);

  Excerpt excerpt;
  if (first > 0) excerpt.line += kCut;
  excerpt.line += masked.text.substr(from, to - from);
  if (first + most < all) excerpt.line += kCut;
  const std::size_t length =
      charactersIn(std::string_view(masked.text).substr(masked.begin, masked.end - masked.begin));
  excerpt.marks.assign(before - first + (first > 0 ? 1 : 0), ' ');
  excerpt.marks += '^';
  if (length > 1) excerpt.marks.append(std::min(length - 1, first + most - before - 1), '~');
  return excerpt;
}

}  // namespace

SourceText::SourceText(std::string text) : text_(std::move(text)) {
  begins_.push_back(0);
  for (std::size_t i = 0; i < text_.size(); ++i) {
    if (text_[i] == '\n') begins_.push_back(i + 1);
  }
}

SourceText::~SourceText() { wipe(text_); }

std::optional<std::string_view> SourceText::line(std::size_t number) const {
  if (number == 0 || number > begins_.size()) return std::nullopt;
  const std::size_t begin = begins_[number - 1];
  const std::size_t end = number < begins_.size() ? begins_[number] - 1 : text_.size();
  std::string_view line = std::string_view(text_).substr(begin, end - begin);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

void SourceText::Scan::advance(std::string_view whole, std::size_t column) {
  while (at < whole.size()) {
    const Token token = tokenAt(whole, at);
    const std::string_view text = whole.substr(at, token.end - at);
    const std::size_t next = character + charactersIn(text);
    if (next > column) return;
    appendToken(before, token.kind, text, isHidden(token.kind, text));
    at = token.end;
    character = next;
    if (before.size() > kMostBefore) before.erase(0, byteOf(before, charactersIn(before) - kWidest));
  }
}

std::optional<Excerpt> SourceText::excerpt(const manifest::Location& where) {
  const auto found = line(where.line);
  if (!found) return std::nullopt;
  if (scan_.line != where.line || scan_.character > where.column) {
    scan_ = {};
    scan_.line = where.line;
  }
  scan_.advance(*found, where.column);
  const bool mayBeShown = scan_.character == where.column && !mayHoldSecret(where.pointer);
  return cut(mask(scan_.before, *found, scan_.at, mayBeShown));
}

}  // namespace hydra_clients::cli
