/* Ends a test program with the line of what did not hold. */
#ifndef EXPECT_H
#define EXPECT_H

#include <stdio.h>
#include <stdlib.h>

#include "servicebus.h"

#define EXPECT(condition)                                                        \
    do {                                                                         \
        if (!(condition)) {                                                      \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);      \
            exit(1);                                                             \
        }                                                                        \
    } while (0)

/* `call` may use `error`; it is there after a failure alone. */
#define EXPECT_STATUS(expected, call)                                            \
    do {                                                                         \
        sb_error *error = NULL;                                                  \
        sb_status status = (call);                                               \
        if (status != (expected)) {                                              \
            fprintf(stderr, "%s:%d: %s: status %d, %s\n", __FILE__, __LINE__,    \
                    #call, (int)status,                                          \
                    error != NULL ? sb_error_message(error).ptr : "no error");   \
            exit(1);                                                             \
        }                                                                        \
        EXPECT((error != NULL) == (status > SB_NO_MESSAGE));                     \
        EXPECT(sb_error_code(error) == (error != NULL ? status : SB_OK));        \
        sb_error_free(error);                                                    \
    } while (0)

#endif
