# Includes point one way: a file of exporter/ includes its own room and lower floors, never a sibling on its floor.
# Libraries that are slow to compile or hard to hold stay in their rooms. Run with -D SOURCE_DIR=exporter -P.
set(floor_model 0)
set(floor_log 0)
foreach(room smtp dns tls dnsbl policy diagnosis forecast)
  set(floor_${room} 1)
endforeach()
foreach(room config report metrics)
  set(floor_${room} 2)
endforeach()
set(floor_net 3)
set(floor_probes 4)
set(floor_watch 5)
set(floor_web 6)
set(floor_daemon 7)
set(floor_ctl 7)

# library include prefix -> the files that may include it (regular expression)
set(homes
  "boost/beast|^(web/server|net/https_get)\\.cpp$"
  "boost/asio|^(net|probes|watch|web|daemon|ctl)/"
  "spdlog/|^log/"
  "ares\\.h|^net/channel\\.cpp$"
  "libpsl\\.h|^dnsbl/registered_domain\\.cpp$"
  "yaml-cpp/|^config/"
  "prometheus/|^metrics/(own|families)\\.cpp$"
  "CLI/|^(daemon|ctl)/")

file(GLOB_RECURSE files RELATIVE ${SOURCE_DIR} ${SOURCE_DIR}/*.hpp ${SOURCE_DIR}/*.cpp)
set(faults 0)
foreach(file IN LISTS files)
  string(REGEX MATCH "^[^/]+" room ${file})
  file(STRINGS ${SOURCE_DIR}/${file} includes REGEX "^#include")
  if(NOT DEFINED floor_${room})
    message(SEND_ERROR "${file}: room '${room}' is on no floor (tests/check_layers.cmake)")
    continue()
  endif()
  foreach(line IN LISTS includes)
    if(line MATCHES "\"([a-z]+)/[^\"]+\"")
      set(other ${CMAKE_MATCH_1})
      if(DEFINED floor_${other} AND NOT other STREQUAL room AND NOT floor_${other} LESS floor_${room})
        message(SEND_ERROR "${file}: ${line}: ${room} (floor ${floor_${room}}) may not include ${other} (floor ${floor_${other}})")
        math(EXPR faults "${faults}+1")
      endif()
    endif()
    foreach(home IN LISTS homes)
      string(REPLACE "|^" ";^" parts "${home}")
      list(GET parts 0 library)
      list(GET parts 1 where)
      if(line MATCHES "<${library}" AND NOT file MATCHES "${where}")
        message(SEND_ERROR "${file}: ${line}: this library is at home in ${where}")
        math(EXPR faults "${faults}+1")
      endif()
    endforeach()
  endforeach()
endforeach()
if(faults)
  message(FATAL_ERROR "${faults} includes point the wrong way (exporter/README.md draws the floors)")
endif()
