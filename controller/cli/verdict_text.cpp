#include <algorithm>
#include <ostream>

#include "cli/verdict.h"
#include "client/one_line.h"

namespace hydra_clients::cli {
namespace {

using manifest::Fault;
using manifest::Severity;

std::string plural(std::size_t number, std::string_view noun) {
  return std::to_string(number) + " " + std::string(noun) + (number == 1 ? "" : "s");
}

/// ECMA-48's SGR sequences; nothing where no colours are wanted.
class Paint {
 public:
  explicit Paint(bool colours) : colours_(colours) {}
  [[nodiscard]] std::string bold(std::string_view text) const { return in("1", text); }
  [[nodiscard]] std::string faint(std::string_view text) const { return in("2", text); }
  [[nodiscard]] std::string of(Severity severity, std::string_view text) const {
    return in(severity == Severity::kError ? "1;31" : "1;35", text);
  }

 private:
  [[nodiscard]] std::string in(std::string_view code, std::string_view text) const {
    if (!colours_) return std::string(text);
    return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
  }
  bool colours_;
};

void printExcerpt(std::ostream& out, const Fault& fault, SourceText& source, const Paint& paint) {
  const auto excerpt = source.excerpt(fault.where);
  if (!excerpt) return;
  constexpr std::size_t kNumberWidth = 5;
  std::string number = std::to_string(fault.where.line);
  number.insert(0, kNumberWidth - std::min(number.size(), kNumberWidth), ' ');
  out << paint.faint(number + " | ") << excerpt->line << "\n"
      << paint.faint(std::string(number.size(), ' ') + " | ") << paint.of(fault.severity, excerpt->marks)
      << "\n";
}

/// GitHub's runner reads these until the line's end; in properties also up to "," and ":".
std::string escaped(std::string_view text, bool inProperty) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '%':
        result += "%25";
        break;
      case '\r':
        result += "%0D";
        break;
      case '\n':
        result += "%0A";
        break;
      case ':':
        result += inProperty ? "%3A" : ":";
        break;
      case ',':
        result += inProperty ? "%2C" : ",";
        break;
      default:
        result += c;
    }
  }
  return result;
}

}  // namespace

std::size_t Verdict::count(Severity severity) const {
  return static_cast<std::size_t>(std::ranges::count(faults, severity, &Fault::severity));
}

std::string Verdict::summary() const {
  return "checked " + plural(clients, "client") + " in " + plural(files, "file") + ": " +
         plural(count(Severity::kError), "error") + ", " + plural(count(Severity::kWarning), "warning");
}

void printText(std::ostream& out, const Verdict& verdict, const TextOf& textOf, bool colours) {
  const Paint paint(colours);
  std::string path;
  std::unique_ptr<SourceText> source;
  for (const Fault& fault : verdict.faults) {
    out << paint.bold(manifest::formatPlace(fault.where)) << ": "
        << paint.of(fault.severity, manifest::nameOf(fault.severity)) << ": "
        << manifest::formatMessage(fault) << "\n";
    if (fault.where.line == 0) continue;
    if (!source || path != fault.where.path) {  // sorted by place: each file is read once
      path = fault.where.path;
      source = textOf(path);
    }
    if (source) printExcerpt(out, fault, *source, paint);
  }
  out << verdict.summary() << "\n";
}

void printGithub(std::ostream& out, const Verdict& verdict) {
  for (const std::string& message : verdict.unreadable) out << "::error::" << escaped(message, false) << "\n";
  for (const Fault& fault : verdict.faults) {
    const std::string& path = fault.where.path.text();
    const std::string shown = onOneLine(path);
    const bool isExact = shown == path;  // else no file is named, since whoever reads the log would obey it
    out << "::" << manifest::nameOf(fault.severity) << ' ';
    if (isExact) out << "file=" << escaped(path, true) << ',';
    if (isExact && fault.where.line > 0)
      out << "line=" << fault.where.line << ",col=" << fault.where.column << ',';
    out << "title=" << escaped(fault.rule, true)
        << "::" << escaped((isExact ? "" : shown + ": ") + manifest::formatMessage(fault), false) << "\n";
  }
  out << verdict.summary() << "\n";
}

}  // namespace hydra_clients::cli
