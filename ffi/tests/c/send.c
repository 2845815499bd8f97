/* Sends two messages in one batch: one with an id, a property and a NUL in its body, one empty. */
#include <stdio.h>

#include "expect.h"

int main(int argc, char **argv)
{
    EXPECT(argc == 2);
    sb_client *client = NULL;
    sb_sender *sender = NULL;
    sb_message *messages[2] = {NULL, NULL};
    sb_bytes body = {(const uint8_t *)"a\0b", 3};
    sb_bytes none = {NULL, 0};

    EXPECT_STATUS(SB_OK, sb_message_new(body, &messages[0], &error));
    EXPECT_STATUS(SB_OK, sb_message_set_message_id(messages[0], "id-\xc3\xa9", &error));
    EXPECT_STATUS(SB_OK, sb_message_set_application_property_string(messages[0], "colour", "red", &error));
    EXPECT_STATUS(SB_OK, sb_message_set_application_property_string(messages[0], "colour", "blue", &error));
    EXPECT_STATUS(SB_OK, sb_message_new(none, &messages[1], &error));

    EXPECT_STATUS(SB_OK, sb_client_from_connection_string(argv[1], NULL, &client, &error));
    EXPECT_STATUS(SB_OK, sb_client_queue_sender(client, "orders", -1, &sender, &error));
    EXPECT_STATUS(SB_OK, sb_sender_send_messages(sender, messages, 2, -1, &error));
    EXPECT_STATUS(SB_OK, sb_sender_send_messages(sender, NULL, 0, -1, &error));

    sb_message_free(messages[0]);
    sb_message_free(messages[1]);
    sb_sender_free(sender);
    sb_client_free(client);
    return 0;
}
