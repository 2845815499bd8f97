/* Sends two messages to a queue, and receives and completes what is there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "servicebus.h"

static sb_error *error;

/* Returns SB_OK or SB_NO_MESSAGE, and ends the program on any failure. */
static sb_status check(sb_status status)
{
    if (error != NULL) {
        fprintf(stderr, "%s (status %d)\n", sb_error_message(error).ptr, (int)sb_error_code(error));
        sb_error_free(error);
        exit(EXIT_FAILURE);
    }
    return status;
}

static sb_message *text_message(const char *text, const char *message_id)
{
    sb_message *message = NULL;
    sb_bytes body = {(const uint8_t *)text, strlen(text)};
    check(sb_message_new(body, &message, &error));
    check(sb_message_set_message_id(message, message_id, &error));
    return message;
}

int main(void)
{
    const char *connection_string = getenv("SERVICE_BUS_CONNECTION_STR");
    const char *queue = getenv("SERVICE_BUS_QUEUE_NAME");
    sb_client *client = NULL;
    sb_sender *sender = NULL;
    sb_receiver *receiver = NULL;
    sb_received *received = NULL;
    sb_message *messages[] = {text_message("first", "order-1"), text_message("second", "order-2")};

    check(sb_client_from_connection_string(connection_string, NULL, &client, &error));
    check(sb_client_queue_sender(client, queue, -1, &sender, &error));
    check(sb_sender_send_messages(sender, messages, 2, -1, &error));
    printf("sent 2 messages to %s\n", queue);

    check(sb_client_queue_receiver(client, queue, NULL, -1, &receiver, &error));
    while (check(sb_receiver_next_message(receiver, 1000, &received, &error)) == SB_OK) {
        sb_bytes body = sb_received_body(received);
        printf("%d: %.*s (%s)\n", (int)sb_received_sequence_number(received), (int)body.len,
               (const char *)body.ptr, sb_received_message_id(received).ptr);
        check(sb_receiver_complete_message(receiver, received, -1, &error));
        sb_received_free(received);
    }

    sb_message_free(messages[0]);
    sb_message_free(messages[1]);
    sb_receiver_free(receiver);
    sb_sender_free(sender);
    sb_client_free(client);
    return 0;
}
