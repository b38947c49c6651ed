// libFuzzer on MTA-STS policy files, and on the records of MTA-STS and TLS reports.
#include <cstddef>
#include <cstdint>

#include "policy/examine_sts.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mxhealth::policy::test::examine_sts({reinterpret_cast<const char*>(data), size});
  return 0;
}
