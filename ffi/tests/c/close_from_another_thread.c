/* One thread waits for a message without end; another closes the receiver, and the wait is over. */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>

#include "expect.h"

static void *wait_for_a_message(void *receiver)
{
    sb_received *received = NULL;
    EXPECT_STATUS(SB_CLOSED, sb_receiver_next_message(receiver, -1, &received, &error));
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t waiter;
    sb_client *client = NULL;
    sb_receiver *receiver = NULL;

    EXPECT(argc == 2);
    EXPECT_STATUS(SB_OK, sb_client_from_connection_string(argv[1], NULL, &client, &error));
    EXPECT_STATUS(SB_OK, sb_client_queue_receiver(client, "orders", NULL, -1, &receiver, &error));
    EXPECT(pthread_create(&waiter, NULL, wait_for_a_message, receiver) == 0);
    EXPECT_STATUS(SB_OK, sb_receiver_close(receiver, &error));
    EXPECT(pthread_join(waiter, NULL) == 0);
    sb_receiver_free(receiver);
    sb_client_free(client);
    puts("closed");
    return 0;
}
