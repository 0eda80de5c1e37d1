#pragma once

// How the functions that stand in for the C library's call those.

#include <dlfcn.h>

namespace simulate {

template <typename Function>
class RealOne;

/// The function of that name that the program would have called. Looked for at the first call.
template <typename Result, typename... Arguments>
class RealOne<Result(Arguments...)> {
 public:
  constexpr explicit RealOne(const char* name) : name_(name) {}

  Result operator()(Arguments... arguments) {
    if (function_ == nullptr) function_ = reinterpret_cast<Result (*)(Arguments...)>(dlsym(RTLD_NEXT, name_));
    return function_(arguments...);
  }

 private:
  const char* name_;
  Result (*function_)(Arguments...) = nullptr;
};

}  // namespace simulate
