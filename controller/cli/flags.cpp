#include "cli/flags.h"

#include <utility>

#include "client/duration.h"

namespace hydra_clients::cli {
namespace {

constexpr const char* kAuto = "auto";
constexpr char kBetweenChoices = '|';

/// CLI11 keeps a text beside an option that its own help would show: here, the range.
CLI::Option* withRange(CLI::Option* option, const std::string& least, const std::string& most) {
  return option->option_text("from " + least + " to " + most);
}

}  // namespace

std::string describe(const std::string& description, std::initializer_list<std::string_view> others) {
  std::string names;
  for (const std::string_view other : others) {
    names += names.empty() ? "" : ", then ";
    names += other;
  }
  return names.empty() ? description : description + " [also read from " + names + "]";
}

CLI::Option* addChoiceFlag(CLI::App& command, const std::string& name, std::string& value,
                           const std::string& description, const std::vector<std::string>& choices) {
  return takeOneOf(addFlag(command, name, value, description), choices)->capture_default_str();
}

CLI::Option* addDurationFlag(CLI::App& command, const std::string& name, Milliseconds& value,
                             std::string description, Milliseconds least, Milliseconds most) {
  const auto set = [&value](const std::string& text) {
    value =
        std::chrono::duration_cast<Milliseconds>(std::chrono::nanoseconds(parseGoDuration(text).value_or(0)));
  };
  CLI::Option* option = command.add_option_function<std::string>("--" + name, set, std::move(description))
                            ->check(durationWithin({least, most}))
                            ->type_name("DURATION")
                            ->default_str(durationText(value))
                            ->envname(environmentFor(name, {}));
  return withRange(option, durationText(least), durationText(most));
}

CLI::Option* addSizeFlag(CLI::App& command, const std::string& name, std::size_t& value,
                         std::string description, Range<std::size_t> range) {
  const auto set = [&value](const std::string& text) { value = parseSize(text).value_or(value); };
  CLI::Option* option = command.add_option_function<std::string>("--" + name, set, std::move(description))
                            ->check(sizeWithin(range))
                            ->type_name("SIZE")
                            ->default_str(sizeText(value))
                            ->envname(environmentFor(name, {}));
  return withRange(option, sizeText(range.least), sizeText(range.most));
}

CLI::Option* addCountFlag(CLI::App& command, const std::string& name, std::size_t& value,
                          const std::string& description, Range<std::size_t> range) {
  CLI::Option* option = addFlag(command, name, value, description)
                            ->check(countWithin(range))
                            ->type_name("N")
                            ->capture_default_str();
  return withRange(option, std::to_string(range.least), std::to_string(range.most));
}

CLI::Option* addCountOrAutoFlag(CLI::App& command, const std::string& name, std::size_t& value,
                                const std::string& description, Range<std::size_t> range) {
  const auto set = [&value](const std::string& text) {
    value = text == kAuto ? 0 : static_cast<std::size_t>(std::stoul(text));
  };
  CLI::Option* option = command.add_option_function<std::string>("--" + name, set, description)
                            ->check(countOrWord(range, kAuto))
                            ->type_name("N")
                            ->default_str(value == 0 ? kAuto : std::to_string(value))
                            ->envname(environmentFor(name, {}));
  return withRange(option, std::to_string(range.least), std::to_string(range.most) + ", or auto");
}

CLI::Option* takeOneOf(CLI::Option* option, const std::vector<std::string>& choices) {
  std::string name;
  for (const std::string& choice : choices)
    name += (name.empty() ? "" : std::string(1, kBetweenChoices)) + choice;
  return option->check(oneOf(choices))->type_name(name);
}

std::string valueNameOf(const CLI::Option& option) {
  return takesValue(option) ? option.get_type_name() : std::string();
}

std::vector<std::string> choicesOf(const CLI::Option& option) {
  const std::string name = valueNameOf(option);
  if (name.find(kBetweenChoices) == std::string::npos) return {};
  return CLI::detail::split(name, kBetweenChoices);
}

bool takesValue(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

std::string rangeAndDefaultOf(const CLI::Option& option) {
  std::string text = option.get_option_text();
  if (!option.get_default_str().empty()) {
    text += (text.empty() ? "default " : ", default ") + option.get_default_str();
  }
  return text;
}

}  // namespace hydra_clients::cli
