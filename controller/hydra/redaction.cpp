#include "hydra/redaction.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "client/client_id.h"
#include "client/json.h"

namespace hydra_clients::hydra {
namespace {

constexpr std::string_view kWithheld = "[withheld]";
constexpr std::size_t kShortestBase64 = 8;  // of what is certain to stand there

using Escapes = std::array<std::pair<char, std::string_view>, 5>;
constexpr Escapes kHtml = {{{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}}};
constexpr Escapes kGoHtml = {{{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&#34;"}, {'\'', "&#39;"}}};
constexpr Escapes kGoJson = {
    {{'&', "\\u0026"}, {'<', "\\u003c"}, {'>', "\\u003e"}, {'"', "\\\""}, {'\\', "\\\\"}}};

std::string escaped(std::string_view text, const Escapes& escapes) {
  std::string result;
  for (const char c : text) {
    const auto found = std::ranges::find(escapes, c, &Escapes::value_type::first);
    if (found != escapes.end()) {
      result += found->second;
    } else {
      result += c;
    }
  }
  return result;
}

std::string withSmallHex(std::string percentEncoded) {
  for (std::size_t i = 0; i + 2 < percentEncoded.size(); ++i) {
    if (percentEncoded[i] != '%') continue;
    for (std::size_t digit = i + 1; digit <= i + 2; ++digit) {
      if (percentEncoded[digit] >= 'A' && percentEncoded[digit] <= 'F')
        percentEncoded[digit] = static_cast<char>(percentEncoded[digit] - 'A' + 'a');
    }
  }
  return percentEncoded;
}

/// What is certain to stand in the base64 of any text that holds this one, `before` bytes (modulo 3) from its
/// beginning: the characters that no neighbour has a bit in.
std::string insideBase64(std::string_view text, std::size_t before, std::string_view lastTwo) {
  std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  alphabet += lastTwo;
  std::string result;
  std::uint32_t bits = 0;
  std::size_t held = (8 * before) % 6;  // of a character that began before; unknown
  bool known = held == 0;
  for (const char c : text) {
    bits = (bits << 8U) | static_cast<unsigned char>(c);
    for (held += 8; held >= 6; held -= 6) {
      if (known) result += alphabet[(bits >> (held - 6)) & 0x3FU];
      known = true;
    }
  }
  wipe(alphabet);
  return result;
}

/// How many bytes of the secret's beginning the text ends with, where it was cut off there.
std::size_t beginningAtEnd(std::string_view text, std::string_view secret) {
  for (std::size_t length = std::min(text.size(), secret.size() - 1); length >= Redaction::kShortest;
       --length) {
    if (text.ends_with(secret.substr(0, length))) return length;
  }
  return 0;
}

}  // namespace

void Redaction::add(std::string_view secret) {
  if (secret.size() < kShortest) return;
  std::vector<std::string> forms;
  std::string quoted = json::quote(secret);
  forms.emplace_back(quoted.substr(1, quoted.size() - 2));
  wipe(quoted);
  forms.emplace_back(secret);
  for (const Escapes& escapes : {kHtml, kGoHtml, kGoJson}) forms.push_back(escaped(secret, escapes));
  forms.push_back(percentEncode(secret));
  forms.push_back(withSmallHex(forms.back()));
  for (const std::string_view lastTwo : {"+/", "-_"}) {
    for (std::size_t before = 0; before < 3; ++before) {
      std::string inside = insideBase64(secret, before, lastTwo);
      if (inside.size() >= kShortestBase64) forms.push_back(std::move(inside));
    }
  }
  std::ranges::sort(forms, {}, [](const std::string& form) { return std::pair(form.size(), form); });
  forms.erase(std::ranges::unique(forms).begin(), forms.end());
  for (std::string& form : forms) forms_.emplace_back(std::move(form));
  std::ranges::stable_sort(forms_, std::ranges::greater{}, &Secret::size);
}

std::string Redaction::of(std::string text) const {
  for (const Secret& form : forms_) {
    const std::string_view hidden = form.reveal(Purpose::kComparison);
    for (std::size_t at = text.find(hidden); at != std::string::npos; at = text.find(hidden, at)) {
      text.replace(at, hidden.size(), kWithheld);
      at += kWithheld.size();
    }
    if (const std::size_t begun = beginningAtEnd(text, hidden); begun > 0) {
      text.replace(text.size() - begun, begun, kWithheld);
    }
  }
  return text;
}

void Redaction::applyTo(Response& response) const {
  response.headers.location = of(std::move(response.headers.location));
  auto document = json::parse(response.body);
  if (!document || !document->isObject()) {
    response.body = of(std::move(response.body));
    return;
  }
  for (json::Member& member : document->members) {
    if (member.value.isString()) member.value.text = of(std::move(member.value.text));
  }
  response.body = of(json::write(*document));
}

}  // namespace hydra_clients::hydra
