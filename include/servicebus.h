/*
 * servicebus.h: a synchronous Azure Service Bus client.
 *
 * Written from the sources of the library; do not edit.
 *
 * Link with -lservicebus_c. The static library also needs -lpthread -ldl -lm.
 *
 * STATUS. A function that can fail returns an sb_status: SB_OK, SB_NO_MESSAGE where no message came,
 * else what went wrong. Its last argument, `error`, may be NULL; else it is set to NULL, or on
 * failure to an sb_error with the details, which the caller frees. An argument that is NULL where it
 * must not be fails with SB_INVALID_ARGUMENT. Getters of NULL return nothing: 0, false, no text.
 *
 * OBJECTS. An object is made by a function with an `out` argument and belongs to the caller until it
 * is given to its `_free` function. `out` is set to NULL where nothing was made. Every `_free`
 * function takes NULL. Objects may be freed in any order: a sender, receiver or received message
 * keeps what it needs of the others. Freeing a sender or receiver closes it, freeing the last object
 * of a client closes the connection; this may wait for the service up to the close time-out, and
 * tells nobody how it ended. The `_close` functions do.
 *
 * TEXT AND BYTES. Text given to the library is UTF-8 that ends with a NUL; text and bytes given to
 * it are copied. An sb_str or sb_bytes that a function returns belongs to the object that it was
 * asked of and is valid until that is freed.
 *
 * TIME. `timeout_ms` is in milliseconds, for the whole call: connecting, authenticating and waiting
 * for the answer together. -1 stands for the time-out of the object, which comes from its client
 * unless it was opened with another; other negative numbers are SB_INVALID_ARGUMENT.
 *
 * THREADS. Clients, senders and receivers may be used by any number of threads at the same time.
 * Messages, received messages, options and errors may be read by many threads (`const` arguments),
 * but changed by one alone. Any thread may use and free what another has made, but nothing may use
 * an object while it is freed, or later.
 *
 * FORK. A child process must not use what its parent opened: calls fail with SB_FORKED, and freeing
 * is harmless. The library, once loaded, is not unloaded by dlclose.
 */

#ifndef SERVICEBUS_H
#define SERVICEBUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The version that this header belongs to, as numbers; SB_VERSION_NUMBER grows with each.
#define SB_VERSION_MAJOR 0
#define SB_VERSION_MINOR 1
#define SB_VERSION_PATCH 0
#define SB_VERSION_NUMBER (SB_VERSION_MAJOR * 10000 + SB_VERSION_MINOR * 100 + SB_VERSION_PATCH)

// Messages are locked for the receiver, which settles them. The default.
#define SB_RECEIVE_MODE_PEEK_LOCK 0

// Messages are gone from the entity when the service sends them. A crash of the receiver loses them.
#define SB_RECEIVE_MODE_RECEIVE_AND_DELETE 1

// Messages that could not be processed.
#define SB_SUB_QUEUE_DEAD_LETTER 1

// Messages that could not be forwarded to another entity.
#define SB_SUB_QUEUE_TRANSFER_DEAD_LETTER 2

// A client of one Service Bus namespace. It holds one connection, which its senders and receivers share; the
// connection is made when the first of them is opened, and made anew when it was lost. Threads may share a client.
//
// Methods: `sb_client_from_connection_string`, `sb_client_queue_sender`, `sb_client_queue_receiver`,
// `sb_client_close`, `sb_client_free`.
typedef struct sb_client sb_client;

// How to make a client; `sb_client_from_connection_string` reads it and keeps nothing of it.
//
// Methods: `sb_client_options_new`, `sb_client_options_set_operation_timeout`,
// `sb_client_options_set_close_timeout`, `sb_client_options_free`.
typedef struct sb_client_options sb_client_options;

// Why a call failed, in detail. A function that fails makes one where its `error` argument is not NULL; whoever called
// it frees it.
//
// Methods: `sb_error_code`, `sb_error_message`, `sb_error_condition`, `sb_error_is_retryable`,
// `sb_error_is_outcome_unknown`, `sb_error_free`.
typedef struct sb_error sb_error;

// A message to send. It can be sent more than once, and changed in between.
//
// Methods: `sb_message_new`, `sb_message_set_message_id`, `sb_message_set_application_property_string`,
// `sb_message_free`. Sent by `sb_sender_send_messages`.
typedef struct sb_message sb_message;

// A received message: what was sent, what the service added, and its lock. It may outlive its receiver. Freeing it
// settles nothing: its lock then runs out, and it is delivered again.
//
// Methods: `sb_received_body`, `sb_received_message_id`, `sb_received_sequence_number`, `sb_received_delivery_count`,
// `sb_received_free`. Settled by `sb_receiver_complete_message` and `sb_receiver_abandon_message`.
typedef struct sb_received sb_received;

// Receives messages from one queue, and settles them; opened by `sb_client_queue_receiver`. Threads may share it. A
// link that was lost is attached anew by the next call.
//
// Methods: `sb_receiver_next_message`, `sb_receiver_complete_message`, `sb_receiver_abandon_message`,
// `sb_receiver_close`, `sb_receiver_free`.
typedef struct sb_receiver sb_receiver;

// How to open a receiver; `sb_client_queue_receiver` reads it and keeps nothing of it.
//
// Methods: `sb_receiver_options_new`, `sb_receiver_options_set_receive_mode`, `sb_receiver_options_set_sub_queue`,
// `sb_receiver_options_set_prefetch_count`, `sb_receiver_options_set_max_wait_time`, `sb_receiver_options_free`.
typedef struct sb_receiver_options sb_receiver_options;

// Sends messages to one queue; opened by `sb_client_queue_sender`. Threads may share it. A link that was lost is
// attached anew by the next call.
//
// Methods: `sb_sender_send_messages`, `sb_sender_close`, `sb_sender_free`.
typedef struct sb_sender sb_sender;

// How a call ended: `SB_OK`, `SB_NO_MESSAGE`, or what went wrong. The numbers are fixed. Treat one that this
// header does not list like `SB_OTHER`.
typedef int32_t sb_status;

// Text that belongs to an object and is valid as long as it: UTF-8, `len` bytes and then a NUL that is not counted.
// `ptr` is NULL where there is no text, which is not the same as an empty one.
typedef struct {
  // The first byte, or NULL.
  const char *ptr;
  // How many bytes there are.
  size_t len;
} sb_str;

// Bytes. Those that a function returns belong to an object and are valid as long as it; those that a function is
// given are copied. No NUL follows them.
typedef struct {
  // The first byte. May be NULL where there are none.
  const uint8_t *ptr;
  // How many bytes there are.
  size_t len;
} sb_bytes;

// The call did what it says.
#define SB_OK 0

// The wait for a message is over and none came.
#define SB_NO_MESSAGE 1

// The service or the protocol failed in a way that has no number of its own.
#define SB_OTHER 10

// An established connection or link failed.
#define SB_CONNECTION 11

// The credential is valid but lacks the right the operation needs.
#define SB_AUTHORIZATION 12

// The credential was refused.
#define SB_AUTHENTICATION 13

// The deadline of the call passed, or the service gave up waiting.
#define SB_OPERATION_TIMEOUT 14

// The message, or the list of messages, is larger than the entity accepts.
#define SB_MESSAGE_SIZE_EXCEEDED 15

// The message was settled before, or another call is settling it.
#define SB_MESSAGE_ALREADY_SETTLED 16

// The lock on the message ran out; the message will be delivered again.
#define SB_MESSAGE_LOCK_LOST 17

// The lock on the session ran out or was taken away.
#define SB_SESSION_LOCK_LOST 18

// No message has the given sequence number.
#define SB_MESSAGE_NOT_FOUND 19

// The queue, topic or subscription does not exist.
#define SB_MESSAGING_ENTITY_NOT_FOUND 20

// The entity is disabled for this operation.
#define SB_MESSAGING_ENTITY_DISABLED 21

// An entity or rule of this name exists already.
#define SB_MESSAGING_ENTITY_ALREADY_EXISTS 22

// The entity is full, or a limit on connections or links is reached.
#define SB_QUOTA_EXCEEDED 23

// The service asks to slow down.
#define SB_SERVER_BUSY 24

// The service could not be reached.
#define SB_COMMUNICATION 25

// The session is locked by another receiver.
#define SB_SESSION_CANNOT_BE_LOCKED 26

// Renewing a lock in the background failed.
#define SB_AUTO_LOCK_RENEW_FAILED 27

// The time for which a lock was to be renewed is over.
#define SB_AUTO_LOCK_RENEW_TIMEOUT 28

// An argument cannot be used: NULL, not UTF-8, out of range.
#define SB_INVALID_ARGUMENT 40

// The operation does not apply here, for example settling a message that was deleted when it was received.
#define SB_INVALID_OPERATION 41

// The client, sender or receiver was closed.
#define SB_CLOSED 42

// The object was made before `fork`; the child process must make its own.
#define SB_FORKED 43

// The call would block the thread that has to answer it.
#define SB_WOULD_DEADLOCK 44

// A defect of this library.
#define SB_INTERNAL 45

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// What went wrong: the status that the failed call returned. `SB_OK` for NULL.
sb_status sb_error_code(const sb_error *error);

// What went wrong, for people: operation, entity and cause, never a key or token. The wording may change.
sb_str sb_error_message(const sb_error *error);

// The AMQP error condition the service gave, for example "com.microsoft:message-lock-lost". No text where it gave
// none.
sb_str sb_error_condition(const sb_error *error);

// Whether the same call may succeed later without any change by the caller.
bool sb_error_is_retryable(const sb_error *error);

// Whether the service may have carried out the operation although the call failed: it left, and its answer never came.
// Sending again may then duplicate a message.
bool sb_error_is_outcome_unknown(const sb_error *error);

// Frees an error. NULL is allowed.
void sb_error_free(sb_error *error);

// Makes options with every default.
sb_status sb_client_options_new(sb_client_options **out, sb_error **error);

// How long each call may take as a whole, in milliseconds: connecting, authenticating, attaching and the service's
// answer together. 60,000 unless set.
sb_status sb_client_options_set_operation_timeout(sb_client_options *options,
                                                  int64_t operation_timeout_ms,
                                                  sb_error **error);

// How long closing, or freeing what is open, may wait for the service, in milliseconds. 3,000 unless set.
sb_status sb_client_options_set_close_timeout(sb_client_options *options,
                                              int64_t close_timeout_ms,
                                              sb_error **error);

// Frees options. NULL is allowed.
void sb_client_options_free(sb_client_options *options);

// Makes a client from a connection string, as the Azure portal shows it. Nothing is sent yet.
//
// The transport is TLS on the port given, else 5671; with "UseDevelopmentEmulator=true" plain TCP on the port given,
// else 5672. `options` may be NULL.
//
// Fails with `SB_INVALID_ARGUMENT` for a malformed string; the message names the key, never a value.
sb_status sb_client_from_connection_string(const char *connection_string,
                                           const sb_client_options *options,
                                           sb_client **out,
                                           sb_error **error);

// Opens a sender to a queue: connects unless the client is connected, authenticates, and attaches a link. Another
// time-out than -1 is also that of the sender's own calls, where they are given -1.
//
// Fails with `SB_MESSAGING_ENTITY_NOT_FOUND`, `SB_AUTHENTICATION` for a refused credential, `SB_AUTHORIZATION` for one
// without the right to send, `SB_COMMUNICATION` where the service cannot be reached, `SB_OPERATION_TIMEOUT`.
sb_status sb_client_queue_sender(sb_client *client,
                                 const char *queue,
                                 int64_t timeout_ms,
                                 sb_sender **out,
                                 sb_error **error);

// Opens a receiver from a queue: connects unless the client is connected, authenticates, and attaches a link. Another
// time-out than -1 is also that of the receiver's own calls but the wait for messages, where they are given -1.
// `options` may be NULL.
//
// Fails with `SB_INVALID_ARGUMENT` for a prefetch count above 50,000, `SB_MESSAGING_ENTITY_NOT_FOUND`,
// `SB_AUTHENTICATION` for a refused credential, `SB_AUTHORIZATION` for one without the right to listen,
// `SB_COMMUNICATION` where the service cannot be reached, `SB_OPERATION_TIMEOUT`.
sb_status sb_client_queue_receiver(sb_client *client,
                                   const char *queue,
                                   const sb_receiver_options *options,
                                   int64_t timeout_ms,
                                   sb_receiver **out,
                                   sb_error **error);

// Closes a client with all its senders and receivers. Calls that wait on them in other threads end at once with
// `SB_CLOSED`. Blocks until the service has answered, at most for the close time-out. A second close does nothing.
//
// Fails with `SB_OPERATION_TIMEOUT` where the service did not answer; the client is closed all the same.
sb_status sb_client_close(sb_client *client,
                          sb_error **error);

// Frees a client. Its senders and receivers live on; the connection is closed with the last of them. NULL is allowed.
void sb_client_free(sb_client *client);

// Makes a message with this body, which is copied.
sb_status sb_message_new(sb_bytes body, sb_message **out, sb_error **error);

// Sets the id of the message, at most 128 characters. Duplicate detection drops a second message with the same id.
sb_status sb_message_set_message_id(sb_message *message,
                                    const char *message_id,
                                    sb_error **error);

// Sets an application property of the message to a text. A property of the same name is replaced.
sb_status sb_message_set_application_property_string(sb_message *message,
                                                     const char *name,
                                                     const char *value,
                                                     sb_error **error);

// Frees a message. NULL is allowed.
void sb_message_free(sb_message *message);

// Sends `count` messages and waits until the service has stored them. Several are sent as one batch, of which the
// service stores all or none; with a count of 0 nothing is sent. The messages stay the caller's.
//
// Fails with `SB_MESSAGE_SIZE_EXCEEDED` where they are larger than the entity takes; nothing was sent then. After
// `SB_OPERATION_TIMEOUT`, `SB_CONNECTION` or `SB_CLOSED`, `sb_error_is_outcome_unknown` tells whether they may be
// stored.
sb_status sb_sender_send_messages(sb_sender *sender,
                                  sb_message *const *messages,
                                  size_t count,
                                  int64_t timeout_ms,
                                  sb_error **error);

// Closes a sender. Calls that wait on it in other threads end at once with `SB_CLOSED`. Blocks until the service has
// answered, at most for the client's close time-out. A second close does nothing.
//
// Fails with `SB_OPERATION_TIMEOUT` where the service did not answer; the sender is closed all the same.
sb_status sb_sender_close(sb_sender *sender,
                          sb_error **error);

// Frees a sender, which closes it first where it is open. NULL is allowed.
void sb_sender_free(sb_sender *sender);

// Makes options with every default.
sb_status sb_receiver_options_new(sb_receiver_options **out, sb_error **error);

// Whether messages are locked or deleted when they are received: one of the `SB_RECEIVE_MODE_` values.
sb_status sb_receiver_options_set_receive_mode(sb_receiver_options *options,
                                               int32_t receive_mode,
                                               sb_error **error);

// Receives from a queue that belongs to the entity: one of the `SB_SUB_QUEUE_` values.
sb_status sb_receiver_options_set_sub_queue(sb_receiver_options *options,
                                            int32_t sub_queue,
                                            sb_error **error);

// How many messages to keep at hand without waiting for a call, at most 50,000. With 0, the default, messages are asked
// for when a call wants them. Locks of prefetched messages run while they wait.
sb_status sb_receiver_options_set_prefetch_count(sb_receiver_options *options,
                                                 uint32_t prefetch_count,
                                                 sb_error **error);

// How long `sb_receiver_next_message` waits for a message where it is given -1, in milliseconds. -1, the default: until
// one comes.
sb_status sb_receiver_options_set_max_wait_time(sb_receiver_options *options,
                                                int64_t max_wait_time_ms,
                                                sb_error **error);

// Frees options. NULL is allowed.
void sb_receiver_options_free(sb_receiver_options *options);

// Waits for a message: for `timeout_ms`; with -1 for the receiver's `max_wait_time`, and where that is not set until
// one comes; with 0 it takes what the service has at the moment. Returns `SB_NO_MESSAGE` where none came in time,
// which is no failure: `out` is NULL then, and so is `error`.
//
// Fails with `SB_CLOSED` once the receiver is closed, by another thread too, and with `SB_CONNECTION` where the link
// was lost while the call waited, which the next call heals.
sb_status sb_receiver_next_message(sb_receiver *receiver,
                                   int64_t timeout_ms,
                                   sb_received **out,
                                   sb_error **error);

// Completes a message: it was processed and is removed from the queue. `SB_OK` means that the service has done so.
//
// Fails with `SB_MESSAGE_ALREADY_SETTLED` for a message that was settled or is being settled, `SB_MESSAGE_LOCK_LOST`
// where its lock ran out, `SB_INVALID_OPERATION` for one that has no lock or is of another entity. Where the service's
// answer did not come, `sb_error_is_outcome_unknown` is true. After a failure it may be tried again. The message is
// still to be freed.
sb_status sb_receiver_complete_message(sb_receiver *receiver,
                                       const sb_received *received,
                                       int64_t timeout_ms,
                                       sb_error **error);

// Abandons a message: it is available again at once, and the delivery counts as failed. Fails as
// `sb_receiver_complete_message` does.
sb_status sb_receiver_abandon_message(sb_receiver *receiver,
                                      const sb_received *received,
                                      int64_t timeout_ms,
                                      sb_error **error);

// Closes a receiver. Calls that wait on it in other threads end at once with `SB_CLOSED`. Messages at hand go back to
// the queue, uncounted as deliveries. Messages that were handed out can still be settled, until their locks end, by
// another receiver of the same queue. Blocks until the service has answered, at most for the client's close time-out.
// A second close does nothing.
//
// Fails with `SB_OPERATION_TIMEOUT` where the service did not answer; the receiver is closed all the same.
sb_status sb_receiver_close(sb_receiver *receiver,
                            sb_error **error);

// Frees a receiver, which closes it first where it is open. NULL is allowed.
void sb_receiver_free(sb_receiver *receiver);

// The bytes of the body; none where the body is an AMQP value other than binary or text, or a sequence.
sb_bytes sb_received_body(const sb_received *received);

// The id that the sender gave the message. No text where it gave none.
sb_str sb_received_message_id(const sb_received *received);

// The number that the service gave the message: unique and ascending in its entity, from 1. 0 where it has none.
int64_t sb_received_sequence_number(const sb_received *received);

// How many earlier deliveries of the message failed: were abandoned, or ended because the lock ran out.
uint32_t sb_received_delivery_count(const sb_received *received);

// Frees a received message. NULL is allowed.
void sb_received_free(sb_received *received);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* SERVICEBUS_H */
