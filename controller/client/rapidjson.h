#pragma once

// The one way to RapidJSON's headers: a wrong-typed access throws instead of being undefined, identically in
// every translation unit.

#include <stdexcept>

#define RAPIDJSON_ASSERT(x)                             \
  do {                                                  \
    if (!(x)) throw std::logic_error("rapidjson: " #x); \
  } while (false)

#include <rapidjson/error/error.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>
