# Our CMake functions: godwit_library(), godwit_program(), godwit_test().

add_library(godwit_warnings INTERFACE)
target_compile_options(godwit_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
    -Wnon-virtual-dtor -Woverloaded-virtual -Wformat=2 -Wimplicit-fallthrough -Wundef
    $<$<BOOL:${GODWIT_STRICT}>:-Werror>)
if(CMAKE_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Of a file compiled among others g++ no longer knows that nobody includes it.
    target_compile_options(godwit_warnings INTERFACE -Wno-subobject-linkage)
endif()

add_library(godwit_build INTERFACE)
target_include_directories(godwit_build INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(godwit_build INTERFACE -fstack-protector-strong -ffunction-sections)
if(GODWIT_PLANTED)
    target_compile_definitions(godwit_build INTERFACE GODWIT_PLANTED)
endif()
if(GODWIT_SANITIZERS)
    target_compile_options(godwit_build INTERFACE
        -fsanitize=${GODWIT_SANITIZERS} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(godwit_build INTERFACE -fsanitize=${GODWIT_SANITIZERS})
endif()
if(GODWIT_FUZZ)
    target_compile_options(godwit_build INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(GODWIT_COVERAGE)
    target_compile_options(godwit_build INTERFACE --coverage -fno-inline)
    target_link_options(godwit_build INTERFACE --coverage)
endif()

# godwit_library(name SOURCES … HEADERS … [PUBLIC targets …] [PRIVATE targets …])
# A folder's library, aliased godwit::name. PUBLIC links only what its headers show.
function(godwit_library name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;HEADERS;PUBLIC;PRIVATE")
    if(arg_SOURCES)
        add_library(godwit_${name} STATIC ${arg_SOURCES})
        target_link_libraries(godwit_${name}
            PUBLIC godwit_build ${arg_PUBLIC} PRIVATE godwit_warnings ${arg_PRIVATE})
    else()
        add_library(godwit_${name} INTERFACE)
        target_link_libraries(godwit_${name} INTERFACE godwit_build ${arg_PUBLIC})
    endif()
    add_library(godwit::${name} ALIAS godwit_${name})
    # A header with a source of its name stands first there (tests/tidy), and so compiles alone. Of
    # the others once is enough: builds that count or watch something leave it to the rest.
    list(TRANSFORM arg_SOURCES REPLACE "[.]cpp$" ".h" OUTPUT_VARIABLE own)
    if(arg_HEADERS AND own)
        list(REMOVE_ITEM arg_HEADERS ${own})
    endif()
    if(GODWIT_STRICT AND arg_HEADERS AND NOT GODWIT_SANITIZERS AND NOT GODWIT_COVERAGE)
        godwit_headers_alone(${name} ${arg_HEADERS})
    endif()
endfunction()

# Compiles every header alone, so that each includes what it uses.
function(godwit_headers_alone name)
    set(alone)
    foreach(header ${ARGN})
        set(source ${CMAKE_CURRENT_BINARY_DIR}/alone/${header}.cpp)
        file(RELATIVE_PATH path ${CMAKE_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR}/${header})
        file(CONFIGURE OUTPUT ${source} CONTENT "#include \"@path@\"\n" @ONLY)
        list(APPEND alone ${source})
    endforeach()
    add_library(godwit_${name}_alone OBJECT ${alone})
    target_link_libraries(godwit_${name}_alone PRIVATE godwit_${name} godwit_warnings)
endfunction()

# godwit_program(name SOURCES … [LINKS targets …])
function(godwit_program name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINKS")
    add_executable(${name} ${arg_SOURCES})
    target_link_libraries(${name} PRIVATE godwit_build godwit_warnings ${arg_LINKS})
    target_link_options(${name} PRIVATE -Wl,--gc-sections)
endfunction()

# godwit_build_soon(target …): of code that only tests, whose own speed hardly counts.
function(godwit_build_soon)
    foreach(name ${ARGN})
        target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O0>)
    endforeach()
endfunction()

# godwit_test(name [OPTIMISED] [WITH_POCO] SOURCES … [LINKS targets …]): one Catch2 program, one
# CTest entry. What is tested is built as it ships; what tests it, to be built soon: not optimised
# unless it counts for much itself, and behind headers that are read once (godwit_test_headers)
# unless Poco defines what they read otherwise.
function(godwit_test name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "OPTIMISED;WITH_POCO" "" "SOURCES;LINKS")
    add_executable(${name} ${arg_SOURCES})
    target_link_libraries(${name} PRIVATE godwit_test_main godwit_warnings ${arg_LINKS})
    if(arg_OPTIMISED)
        target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O1>)
    else()
        godwit_build_soon(${name})
        if(NOT arg_WITH_POCO)
            target_precompile_headers(${name} REUSE_FROM godwit_test_headers)
        endif()
    endif()
    add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
endfunction()
