# Which instruction-set files belong to this target. Each file is whole: no #if inside functions;
# what was compiled in is kernels/available.h, written here.
list(FILTER LS_SOURCES EXCLUDE REGEX "core/kernels/(avx2|avx512vnni|neon|wasm_simd128)\\.c$")
list(FILTER LS_SOURCES EXCLUDE REGEX "core/base/(pool_(single|threads)|sha256_(x86|arm|simd128))\\.c$")
set(LS_KERNEL_DEFINITIONS)
set(LS_LIBRARIES)

if(EMSCRIPTEN)
  list(APPEND LS_SOURCES ${CMAKE_SOURCE_DIR}/core/base/pool_single.c)
else()
  find_package(Threads REQUIRED)
  list(APPEND LS_SOURCES ${CMAKE_SOURCE_DIR}/core/base/pool_threads.c)
  list(APPEND LS_LIBRARIES Threads::Threads m)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64" AND CMAKE_SIZEOF_VOID_P EQUAL 8)
    list(APPEND LS_SOURCES ${CMAKE_SOURCE_DIR}/core/kernels/avx2.c ${CMAKE_SOURCE_DIR}/core/kernels/avx512vnni.c
      ${CMAKE_SOURCE_DIR}/core/base/sha256_x86.c)
    list(APPEND LS_KERNEL_DEFINITIONS LS_HAVE_AVX2 LS_HAVE_AVX512VNNI LS_HAVE_SHA_X86)
  elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64|ARM64")
    list(APPEND LS_SOURCES ${CMAKE_SOURCE_DIR}/core/kernels/neon.c ${CMAKE_SOURCE_DIR}/core/base/sha256_arm.c)
    list(APPEND LS_KERNEL_DEFINITIONS LS_HAVE_NEON LS_HAVE_SHA_ARM)
  endif()
endif()

# Purpose: the core as a static library `name`. Extra arguments are definitions (for example LS_HAVE_SIMD128).
function(ls_add_core name)
  add_library(${name} STATIC ${LS_SOURCES})
  # Source properties belong to the directory that calls; harmless where the file is not built.
  set_source_files_properties(${CMAKE_SOURCE_DIR}/core/kernels/avx2.c PROPERTIES COMPILE_OPTIONS -mavx2)
  set_source_files_properties(${CMAKE_SOURCE_DIR}/core/kernels/avx512vnni.c PROPERTIES
    COMPILE_OPTIONS "-mavx2;-mavx512f;-mavx512vl;-mavx512vnni")
  set_source_files_properties(${CMAKE_SOURCE_DIR}/core/base/sha256_x86.c PROPERTIES COMPILE_OPTIONS "-msha;-msse4.1")
  set_source_files_properties(${CMAKE_SOURCE_DIR}/core/base/sha256_arm.c PROPERTIES COMPILE_OPTIONS -march=armv8-a+crypto)
  target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR}/core/include)
  target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR}/core)
  target_include_directories(${name} SYSTEM PRIVATE ${LS_JSMN_FOLDER})
  target_compile_definitions(${name} PRIVATE ${LS_KERNEL_DEFINITIONS} ${ARGN})
  target_link_libraries(${name} PUBLIC ${LS_LIBRARIES})
endfunction()
