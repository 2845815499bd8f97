/* The header alone, twice, as C99 and as C++17; and the layout that other languages rely on. */
#include "servicebus.h"
#include "servicebus.h"

#define HOLDS(name, condition) typedef char name[(condition) ? 1 : -1]

HOLDS(sb_str_is_a_pointer_and_a_length, sizeof(sb_str) == sizeof(char *) + sizeof(size_t));
HOLDS(sb_bytes_is_a_pointer_and_a_length, sizeof(sb_bytes) == sizeof(char *) + sizeof(size_t));
HOLDS(sb_str_begins_with_its_pointer, offsetof(sb_str, ptr) == 0);
HOLDS(sb_str_ends_with_its_length, offsetof(sb_str, len) == sizeof(char *));
HOLDS(sb_bytes_begins_with_its_pointer, offsetof(sb_bytes, ptr) == 0);
HOLDS(sb_bytes_ends_with_its_length, offsetof(sb_bytes, len) == sizeof(char *));
HOLDS(sb_status_has_32_bits, sizeof(sb_status) == 4);

#if SB_VERSION_NUMBER < 1
#error "the version is not a number that the preprocessor can compare"
#endif

int main(void) { return SB_OK; }
