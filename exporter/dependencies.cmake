# Every dependency, found by its package or pkg-config, with a sentence that says what to install (names of Debian 12).
function(mxhealth_need target package)
  if(NOT TARGET ${target})
    message(FATAL_ERROR "${target} was not found. On Debian 12: apt-get install ${package} (or run deploy/packages.sh build)")
  endif()
endfunction()

find_package(Threads REQUIRED)
find_package(PkgConfig)
if(NOT PKG_CONFIG_FOUND)
  message(FATAL_ERROR "pkg-config was not found. On Debian 12: apt-get install pkg-config")
endif()

find_package(Boost 1.81 QUIET)
mxhealth_need(Boost::headers libboost1.81-dev)

find_package(OpenSSL 3 QUIET)
mxhealth_need(OpenSSL::SSL libssl-dev)

find_package(yaml-cpp CONFIG QUIET)
if(TARGET yaml-cpp AND NOT TARGET yaml-cpp::yaml-cpp)  # 0.7; 0.8 has the namespaced name
  add_library(yaml-cpp::yaml-cpp ALIAS yaml-cpp)
endif()
mxhealth_need(yaml-cpp::yaml-cpp libyaml-cpp-dev)

find_package(prometheus-cpp CONFIG QUIET)
mxhealth_need(prometheus-cpp::core prometheus-cpp-dev)

find_package(CLI11 CONFIG QUIET)
mxhealth_need(CLI11::CLI11 libcli11-dev)

find_package(fmt CONFIG QUIET)
mxhealth_need(fmt::fmt libfmt-dev)

find_package(spdlog CONFIG QUIET)
mxhealth_need(spdlog::spdlog libspdlog-dev)

find_package(ZLIB QUIET)
mxhealth_need(ZLIB::ZLIB zlib1g-dev)

find_package(c-ares CONFIG QUIET)  # Debian 12 has only the .pc file
if(NOT TARGET c-ares::cares)
  pkg_check_modules(CARES QUIET IMPORTED_TARGET libcares>=1.18)
  if(TARGET PkgConfig::CARES)
    add_library(c-ares::cares ALIAS PkgConfig::CARES)
  endif()
endif()
mxhealth_need(c-ares::cares libc-ares-dev)

pkg_check_modules(IDN2 QUIET IMPORTED_TARGET libidn2)
mxhealth_need(PkgConfig::IDN2 libidn2-dev)

pkg_check_modules(PSL QUIET IMPORTED_TARGET libpsl)
mxhealth_need(PkgConfig::PSL libpsl-dev)

pkg_check_modules(CRYPT QUIET IMPORTED_TARGET libxcrypt)
mxhealth_need(PkgConfig::CRYPT libcrypt-dev)

pkg_check_modules(SYSTEMD QUIET IMPORTED_TARGET libsystemd)
mxhealth_need(PkgConfig::SYSTEMD libsystemd-dev)
