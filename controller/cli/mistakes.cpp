#include "cli/mistakes.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/environment.h"
#include "cli/flags.h"
#include "client/edit_distance.h"

namespace hydra_clients::cli {
namespace {

const CLI::App& selected(const CLI::App& program) {
  const auto commands = program.get_subcommands();
  return commands.empty() ? program : *commands.back();
}

std::string didYouMean(std::string_view written, const std::vector<std::string>& known) {
  const std::vector<std::string_view> names(known.begin(), known.end());
  const auto near = nearest(written, names);
  return near ? "; did you mean " + std::string(*near) + "?" : std::string();
}

bool hasFlag(const CLI::App& command, const std::string& flag) {
  return std::ranges::any_of(command.get_options(),
                             [&](const CLI::Option* option) { return option->get_name() == flag; });
}

std::vector<std::string> commandsWith(const CLI::App& program, const std::string& flag) {
  std::vector<std::string> names;
  for (const CLI::App* command : program.get_subcommands({})) {
    if (hasFlag(*command, flag)) names.push_back(command->get_name());
  }
  return names;
}

std::string unknownFlag(const CLI::App& program, const CLI::App& command, std::string flag) {
  flag.resize(std::min(flag.find('='), flag.size()));  // what stands behind it may be a secret
  const bool isKnown = hasFlag(command, flag);
  const auto owners = isKnown ? std::vector{command.get_name()} : commandsWith(program, flag);
  if (!owners.empty() && (&command == &program || isKnown)) {
    return flag + " stands before the command: write hydra-clients " + owners.front() + " " + flag + " …";
  }
  std::vector<std::string> flags;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
  }
  const std::string what =
      &command == &program ? "there is no flag " + flag : command.get_name() + " has no flag " + flag;
  return what + (owners.empty() ? didYouMean(flag, flags)
                                : fmt::format("; it is a flag of {}", fmt::join(owners, ", ")));
}

/// What the command cannot do without, and was not given; nullptr where there is nothing.
const CLI::Option* firstMissing(const CLI::App& command) {
  const auto options = command.get_options();
  const auto missing = std::ranges::find_if(
      options, [](const CLI::Option* option) { return option->get_required() && option->count() == 0; });
  return missing == options.end() ? nullptr : *missing;
}

/// Words that nothing takes. CLI11 looks at them last; a misspelt flag explains what else is missing.
std::optional<std::string> unexpected(const CLI::App& program) {
  const CLI::App& command = selected(program);
  std::vector<std::string> words = program.remaining(/*recurse=*/true);
  std::erase(words, "--");
  if (words.empty()) return std::nullopt;
  const auto flag =
      std::ranges::find_if(words, [](const std::string& word) { return word.starts_with('-'); });
  if (flag != words.end()) return unknownFlag(program, command, *flag);
  if (&command == &program) return unknownCommand(program, words.front());
  if (const CLI::Option* given = firstMissing(command); given != nullptr && !given->get_positional()) {
    return command.get_name() + " takes no argument: did you mean " + given->get_name() + " " +
           words.front() + "?";
  }
  return "\"" + words.front() + "\" is too much: " + command.get_name() +
         " takes only flags and the arguments that its help shows";
}

/// "--manifests FOLDER", "FILE".
std::string shown(const CLI::Option& option) {
  if (option.get_positional()) return option.get_name();
  return option.get_name() + " " + valueNameOf(option);
}

std::string missing(const CLI::App& command) {
  const CLI::Option* option = firstMissing(command);
  if (option == nullptr) return "a command is missing";
  const std::string variable =
      option->get_envname().empty() ? "" : " (or the variable " + option->get_envname() + ")";
  return shown(*option) + variable + " is missing: " + option->get_description();
}

/// A flag without its value, or given twice.
std::string wrongNumber(const CLI::App& command, const std::string& message) {
  for (const CLI::Option* option : command.get_options()) {
    if (!message.starts_with(option->get_name() + ":")) continue;
    if (option->count() > 1) return option->get_name() + " is given more than once";
    return option->get_name() + " needs a value: " + shown(*option);
  }
  return message;
}

}  // namespace

std::string unknownCommand(const CLI::App& program, const std::string& name) {
  std::vector<std::string> commands;
  std::string all;
  for (const CLI::App* command : program.get_subcommands({})) {
    commands.push_back(command->get_name());
    all += (all.empty() ? "" : ", ") + command->get_name();
  }
  const std::string suggestion = didYouMean(name, commands);
  return "there is no command \"" + name + "\"" +
         (suggestion.empty() ? "; the commands are " + all : suggestion);
}

std::string explain(const CLI::App& program, const CLI::Error& error, std::span<const char* const> words) {
  const CLI::App& command = selected(program);
  const std::string message = error.what();
  const bool isMissing = dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
  if (isMissing || dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    if (auto text = unexpected(program)) return std::move(*text);
    return isMissing ? missing(command) : message;
  }
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) return wrongNumber(command, message);
  return namedAsGiven(command, message, words);
}

}  // namespace hydra_clients::cli
