#pragma once

#include <functional>

namespace simulate {

/// Asked before each call that changes a file: the error that it fails with, 0 where it is made. Empty: all
/// are made. fsync() is then not made either, since what it does cannot be seen from a process that goes on.
void setDiskFaults(std::function<int()> errorNow);

}  // namespace simulate
