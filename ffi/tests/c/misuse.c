/*
 * What a careless program does: NULL everywhere, wrong numbers, a wrong key, use after close, frees
 * in every order. Each is answered with a status; nothing crashes or leaks.
 */
#include <string.h>

#include "expect.h"

static const sb_bytes BODY = {(const uint8_t *)"body", 4};

static void nulls(const char *connection_string)
{
    sb_client *client = (sb_client *)1;
    sb_message *message = NULL;
    sb_receiver_options *options = NULL;
    sb_client_options *client_options = NULL;
    sb_bytes lying = {NULL, 1};

    EXPECT_STATUS(SB_INVALID_ARGUMENT, sb_client_from_connection_string(NULL, NULL, &client, &error));
    EXPECT(client == NULL);
    EXPECT_STATUS(SB_INVALID_ARGUMENT,
                  sb_client_from_connection_string(connection_string, NULL, NULL, &error));
    EXPECT_STATUS(SB_INVALID_ARGUMENT, sb_client_from_connection_string("\xff", NULL, &client, &error));
    EXPECT_STATUS(SB_INVALID_ARGUMENT, sb_client_from_connection_string("nonsense", NULL, &client, &error));
    EXPECT(sb_client_from_connection_string(NULL, NULL, NULL, NULL) == SB_INVALID_ARGUMENT);
    EXPECT_STATUS(SB_INVALID_ARGUMENT, sb_client_queue_sender(NULL, "orders", -1, NULL, &error));
    EXPECT_STATUS(SB_INVALID_ARGUMENT, sb_client_queue_receiver(NULL, "orders", NULL, -1, NULL, &error));
    EXPECT_STATUS(SB_INVALID_ARGUMENT, sb_client_close(NULL, &error));

    EXPECT_STATUS(SB_INVALID_ARGUMENT, sb_message_new(BODY, NULL, &error));
    EXPECT_STATUS(SB_INVALID_ARGUMENT, sb_message_new(lying, &message, &error));
    EXPECT_STATUS(SB_INVALID_ARGUMENT, sb_message_set_message_id(NULL, "id", &error));
    EXPECT_STATUS(SB_OK, sb_message_new(BODY, &message, &error));
    EXPECT_STATUS(SB_INVALID_ARGUMENT, sb_message_set_message_id(message, NULL, &error));
    EXPECT_STATUS(SB_INVALID_ARGUMENT, sb_message_set_message_id(message, "\xff", &error));
    EXPECT_STATUS(SB_INVALID_ARGUMENT,
                  sb_message_set_application_property_string(message, NULL, "value", &error));
    EXPECT_STATUS(SB_INVALID_ARGUMENT,
                  sb_message_set_application_property_string(message, "name", NULL, &error));
    sb_message_free(message);

    EXPECT_STATUS(SB_INVALID_ARGUMENT, sb_sender_send_messages(NULL, NULL, 0, -1, &error));
    EXPECT_STATUS(SB_INVALID_ARGUMENT, sb_sender_close(NULL, &error));
    EXPECT_STATUS(SB_INVALID_ARGUMENT, sb_receiver_next_message(NULL, 0, NULL, &error));
    EXPECT_STATUS(SB_INVALID_ARGUMENT, sb_receiver_complete_message(NULL, NULL, -1, &error));
    EXPECT_STATUS(SB_INVALID_ARGUMENT, sb_receiver_abandon_message(NULL, NULL, -1, &error));
    EXPECT_STATUS(SB_INVALID_ARGUMENT, sb_receiver_close(NULL, &error));

    EXPECT_STATUS(SB_INVALID_ARGUMENT, sb_receiver_options_new(NULL, &error));
    EXPECT_STATUS(SB_INVALID_ARGUMENT, sb_receiver_options_set_prefetch_count(NULL, 1, &error));
    EXPECT_STATUS(SB_OK, sb_receiver_options_new(&options, &error));
    EXPECT_STATUS(SB_INVALID_ARGUMENT, sb_receiver_options_set_receive_mode(options, 9, &error));
    EXPECT_STATUS(SB_INVALID_ARGUMENT, sb_receiver_options_set_sub_queue(options, 9, &error));
    EXPECT_STATUS(SB_INVALID_ARGUMENT, sb_receiver_options_set_max_wait_time(options, -2, &error));
    sb_receiver_options_free(options);
    EXPECT_STATUS(SB_INVALID_ARGUMENT, sb_client_options_new(NULL, &error));
    EXPECT_STATUS(SB_OK, sb_client_options_new(&client_options, &error));
    EXPECT_STATUS(SB_INVALID_ARGUMENT, sb_client_options_set_operation_timeout(client_options, -1, &error));
    EXPECT_STATUS(SB_INVALID_ARGUMENT, sb_client_options_set_close_timeout(NULL, 1, &error));
    sb_client_options_free(client_options);

    EXPECT(sb_received_body(NULL).len == 0);
    EXPECT(sb_received_message_id(NULL).ptr == NULL);
    EXPECT(sb_received_sequence_number(NULL) == 0);
    EXPECT(sb_received_delivery_count(NULL) == 0);
    EXPECT(sb_error_message(NULL).ptr == NULL);
    EXPECT(sb_error_condition(NULL).ptr == NULL);
    EXPECT(!sb_error_is_retryable(NULL) && !sb_error_is_outcome_unknown(NULL));

    sb_client_free(NULL);
    sb_client_options_free(NULL);
    sb_sender_free(NULL);
    sb_receiver_free(NULL);
    sb_receiver_options_free(NULL);
    sb_message_free(NULL);
    sb_received_free(NULL);
    sb_error_free(NULL);
}

static void refusals(const char *connection_string, const char *wrong_key)
{
    sb_client *client = NULL;
    sb_client_options *options = NULL;
    sb_sender *sender = NULL;
    sb_receiver *receiver = NULL;
    sb_error *error = NULL;

    EXPECT_STATUS(SB_OK, sb_client_from_connection_string(wrong_key, NULL, &client, &error));
    EXPECT(sb_client_queue_sender(client, "orders", -1, &sender, &error) == SB_AUTHENTICATION);
    EXPECT(sender == NULL);
    EXPECT(sb_error_code(error) == SB_AUTHENTICATION);
    EXPECT(strstr(sb_error_message(error).ptr, "orders") != NULL);
    EXPECT(strstr(sb_error_message(error).ptr, "AAAA") == NULL);
    EXPECT(strlen(sb_error_message(error).ptr) == sb_error_message(error).len);
    EXPECT(!sb_error_is_retryable(error) && !sb_error_is_outcome_unknown(error));
    sb_error_free(error);
    sb_client_free(client);

    EXPECT_STATUS(SB_OK, sb_client_options_new(&options, &error));
    EXPECT_STATUS(SB_OK, sb_client_options_set_operation_timeout(options, 20000, &error));
    EXPECT_STATUS(SB_OK, sb_client_options_set_close_timeout(options, 2000, &error));
    EXPECT_STATUS(SB_OK, sb_client_from_connection_string(connection_string, options, &client, &error));
    sb_client_options_free(options);
    EXPECT_STATUS(SB_MESSAGING_ENTITY_NOT_FOUND,
                  sb_client_queue_sender(client, "nowhere", -1, &sender, &error));
    EXPECT_STATUS(SB_MESSAGING_ENTITY_NOT_FOUND,
                  sb_client_queue_receiver(client, "nowhere", NULL, -1, &receiver, &error));
    EXPECT_STATUS(SB_INVALID_ARGUMENT, sb_client_queue_sender(client, "orders", -2, &sender, &error));
    EXPECT_STATUS(SB_INVALID_ARGUMENT, sb_client_queue_sender(client, NULL, -1, &sender, &error));
    sb_client_free(client);
}

static void life_of_a_message(const char *connection_string)
{
    sb_client *client = NULL;
    sb_sender *sender = NULL;
    sb_receiver *receiver = NULL;
    sb_message *message = NULL;
    sb_message *with_null[2] = {NULL, NULL};
    sb_received *received = (sb_received *)1;
    int64_t sequence_number;

    EXPECT_STATUS(SB_OK, sb_client_from_connection_string(connection_string, NULL, &client, &error));
    EXPECT_STATUS(SB_OK, sb_client_queue_receiver(client, "orders", NULL, 10000, &receiver, &error));
    EXPECT_STATUS(SB_NO_MESSAGE, sb_receiver_next_message(receiver, 0, &received, &error));
    EXPECT(received == NULL);
    EXPECT_STATUS(SB_INVALID_ARGUMENT, sb_receiver_next_message(receiver, -2, &received, &error));
    EXPECT_STATUS(SB_INVALID_ARGUMENT, sb_receiver_next_message(receiver, 0, NULL, &error));

    EXPECT_STATUS(SB_OK, sb_client_queue_sender(client, "orders", INT64_MAX, &sender, &error));
    EXPECT_STATUS(SB_OK, sb_message_new(BODY, &message, &error));
    with_null[0] = message;
    EXPECT_STATUS(SB_INVALID_ARGUMENT, sb_sender_send_messages(sender, with_null, 2, -1, &error));
    EXPECT_STATUS(SB_INVALID_ARGUMENT, sb_sender_send_messages(sender, NULL, 1, -1, &error));
    EXPECT_STATUS(SB_OK, sb_sender_send_messages(sender, &message, 1, INT64_MAX, &error));
    sb_message_free(message);

    EXPECT_STATUS(SB_OK, sb_receiver_next_message(receiver, -1, &received, &error));
    EXPECT(sb_received_delivery_count(received) == 0);
    EXPECT(sb_received_body(received).len == 4);
    EXPECT(memcmp(sb_received_body(received).ptr, "body", 4) == 0);
    sequence_number = sb_received_sequence_number(received);
    EXPECT(sequence_number > 0);
    EXPECT_STATUS(SB_INVALID_ARGUMENT, sb_receiver_complete_message(receiver, NULL, -1, &error));
    EXPECT_STATUS(SB_OK, sb_receiver_abandon_message(receiver, received, 10000, &error));
    EXPECT_STATUS(SB_MESSAGE_ALREADY_SETTLED,
                  sb_receiver_complete_message(receiver, received, -1, &error));
    sb_received_free(received);

    EXPECT_STATUS(SB_OK, sb_receiver_next_message(receiver, 10000, &received, &error));
    EXPECT(sb_received_delivery_count(received) == 1);
    EXPECT(sb_received_sequence_number(received) == sequence_number);
    EXPECT_STATUS(SB_OK, sb_receiver_complete_message(receiver, received, -1, NULL));
    EXPECT(sb_receiver_complete_message(receiver, received, -1, NULL) == SB_MESSAGE_ALREADY_SETTLED);
    sb_received_free(received);
    EXPECT_STATUS(SB_NO_MESSAGE, sb_receiver_next_message(receiver, 0, &received, &error));

    sb_receiver_free(receiver);
    sb_sender_free(sender);
    sb_client_free(client);
}

/* Deletes what it receives, from a prefetched link. */
static void receive_and_delete(const char *connection_string)
{
    sb_client *client = NULL;
    sb_sender *sender = NULL;
    sb_receiver *receiver = NULL;
    sb_receiver_options *options = NULL;
    sb_message *message = NULL;
    sb_received *received = NULL;

    EXPECT_STATUS(SB_OK, sb_client_from_connection_string(connection_string, NULL, &client, &error));
    EXPECT_STATUS(SB_OK, sb_client_queue_sender(client, "orders", -1, &sender, &error));
    EXPECT_STATUS(SB_OK, sb_message_new(BODY, &message, &error));
    EXPECT_STATUS(SB_OK, sb_sender_send_messages(sender, &message, 1, -1, &error));
    EXPECT_STATUS(SB_OK, sb_receiver_options_new(&options, &error));
    EXPECT_STATUS(SB_OK, sb_receiver_options_set_receive_mode(
                             options, SB_RECEIVE_MODE_RECEIVE_AND_DELETE, &error));
    EXPECT_STATUS(SB_OK, sb_receiver_options_set_prefetch_count(options, 10, &error));
    EXPECT_STATUS(SB_OK, sb_receiver_options_set_max_wait_time(options, 10000, &error));
    EXPECT_STATUS(SB_OK, sb_client_queue_receiver(client, "orders", options, -1, &receiver, &error));
    EXPECT_STATUS(SB_OK, sb_receiver_next_message(receiver, -1, &received, &error));
    EXPECT_STATUS(SB_INVALID_OPERATION, sb_receiver_complete_message(receiver, received, -1, &error));
    sb_receiver_free(receiver);
    EXPECT(sb_received_body(received).len == 4);
    sb_received_free(received);

    receiver = NULL;
    EXPECT_STATUS(SB_OK, sb_receiver_options_set_sub_queue(options, SB_SUB_QUEUE_DEAD_LETTER, &error));
    EXPECT_STATUS(SB_OK, sb_client_queue_receiver(client, "orders", options, -1, &receiver, &error));
    EXPECT_STATUS(SB_NO_MESSAGE, sb_receiver_next_message(receiver, 0, &received, &error));
    EXPECT_STATUS(SB_OK, sb_client_close(client, &error));
    EXPECT_STATUS(SB_CLOSED, sb_receiver_next_message(receiver, -1, &received, &error));
    EXPECT_STATUS(SB_CLOSED, sb_sender_send_messages(sender, &message, 1, -1, &error));
    EXPECT_STATUS(SB_OK, sb_client_close(client, &error));

    sb_receiver_options_free(options);
    sb_message_free(message);
    sb_receiver_free(receiver);
    sb_sender_free(sender);
    sb_client_free(client);
}

/* The six orders in which client, sender and receiver can be freed, one object after the other. */
static void frees(const char *connection_string)
{
    static const char *const orders[] = {"csr", "crs", "scr", "src", "rcs", "rsc"};
    size_t at;
    for (at = 0; at < sizeof orders / sizeof orders[0]; at++) {
        const char *next;
        sb_client *client = NULL;
        sb_sender *sender = NULL;
        sb_receiver *receiver = NULL;
        EXPECT_STATUS(SB_OK, sb_client_from_connection_string(connection_string, NULL, &client, &error));
        EXPECT_STATUS(SB_OK, sb_client_queue_sender(client, "orders", -1, &sender, &error));
        EXPECT_STATUS(SB_OK, sb_client_queue_receiver(client, "orders", NULL, -1, &receiver, &error));
        EXPECT_STATUS(SB_OK, sb_sender_close(sender, &error));
        EXPECT_STATUS(SB_OK, sb_sender_close(sender, &error));
        for (next = orders[at]; *next != '\0'; next++) {
            if (*next == 'c')
                sb_client_free(client);
            else if (*next == 's')
                sb_sender_free(sender);
            else
                sb_receiver_free(receiver);
        }
    }
}

int main(int argc, char **argv)
{
    EXPECT(argc == 3);
    nulls(argv[1]);
    refusals(argv[1], argv[2]);
    life_of_a_message(argv[1]);
    receive_and_delete(argv[1]);
    frees(argv[1]);
    puts("ok");
    return 0;
}
