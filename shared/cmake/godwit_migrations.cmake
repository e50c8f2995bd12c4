# godwit_migrations(target which files …)
# Embeds migrations/<which>/<files> into <target>, which then defines <which>_migrations() as
# shared/sqlite/migration.h declares it. Files are named NNNN_what_it_does.sql, in order from 0001.
function(godwit_migrations target which)
    set(rows)
    set(expected 1)
    foreach(file ${ARGN})
        set(path ${CMAKE_SOURCE_DIR}/migrations/${which}/${file})
        if(NOT file MATCHES "^([0-9][0-9][0-9][0-9])_([a-z0-9_]+)\\.sql$")
            message(FATAL_ERROR "${path}: a migration is named NNNN_what_it_does.sql")
        endif()
        set(digits ${CMAKE_MATCH_1})
        set(name ${CMAKE_MATCH_2})
        string(REGEX REPLACE "^0+" "" number ${digits})
        if(NOT number EQUAL expected)
            message(FATAL_ERROR "${path}: the next migration is number ${expected}")
        endif()
        math(EXPR expected "${expected} + 1")
        file(READ ${path} sql)
        string(APPEND rows "    Migration{${number}, \"${name}\", R\"godwit_sql(${sql})godwit_sql\"},\n")
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
    endforeach()
    set(source ${CMAKE_CURRENT_BINARY_DIR}/${which}_migrations.cpp)
    file(CONFIGURE OUTPUT ${source} @ONLY CONTENT
"#include \"shared/sqlite/migration.h\"

namespace godwit {
namespace {

constexpr Migration embedded[] = {
@rows@};

}  // namespace

std::span<const Migration> @which@_migrations() {
    return embedded;
}

}  // namespace godwit
")
    target_sources(${target} PRIVATE ${source})
endfunction()
