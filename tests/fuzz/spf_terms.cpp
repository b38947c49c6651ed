// libFuzzer on SPF records.
#include <cstddef>
#include <cstdint>

#include "policy/examine.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mxhealth::policy::test::examine_spf({reinterpret_cast<const char*>(data), size});
  return 0;
}
