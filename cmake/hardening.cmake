# What makes a fault of memory end the program instead of letting somebody in. Not for sanitizers and debugging:
# they find more, and _FORTIFY_SOURCE wants an optimised build. tests/binary/run looks at the result.
include(CheckPIESupported)
check_pie_supported(LANGUAGES CXX)

add_library(project_hardening INTERFACE)
target_compile_options(project_hardening INTERFACE
  -fstack-protector-strong -fstack-clash-protection
  $<$<STREQUAL:${CMAKE_SYSTEM_PROCESSOR},x86_64>:-fcf-protection=full>
  $<$<STREQUAL:${CMAKE_SYSTEM_PROCESSOR},aarch64>:-mbranch-protection=standard>)
target_compile_definitions(project_hardening INTERFACE _FORTIFY_SOURCE=3)
target_link_options(project_hardening INTERFACE LINKER:-z,relro LINKER:-z,now LINKER:-z,noexecstack)

set(CMAKE_POSITION_INDEPENDENT_CODE ON)
target_link_libraries(project_options INTERFACE $<$<CONFIG:Release>:project_hardening>)
