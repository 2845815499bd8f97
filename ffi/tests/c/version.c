/* Prints the version macro as the number it is. */
#include <stdio.h>

#include "servicebus.h"

int main(void)
{
    printf("%d\n", SB_VERSION_NUMBER);
    return 0;
}
