use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use servicebus_amqp::performative::Performative;
use servicebus_amqp::types::definitions::{ReceiverSettleMode, Role, SenderSettleMode};
use servicebus_amqp::types::performatives::{
    Attach, Begin, Close, Detach, Disposition, End, Flow, Open, Transfer,
};

use super::states::{any_bytes, any_error, any_fields, any_state, any_symbols};
use super::termini::{any_source, any_target};

pub(crate) fn any_performative() -> BoxedStrategy<Performative> {
    prop_oneof![
        any_open(),
        any_begin(),
        any_attach(),
        any_flow(),
        any_transfer(),
        any_disposition(),
        (any::<u32>(), any::<bool>(), option::of(any_error())).prop_map(
            |(handle, closed, error)| Performative::Detach(Detach {
                handle: handle.into(),
                closed,
                error,
            })
        ),
        option::of(any_error()).prop_map(|error| Performative::End(End { error })),
        option::of(any_error()).prop_map(|error| Performative::Close(Close { error })),
    ]
    .boxed()
}

fn any_open() -> BoxedStrategy<Performative> {
    let limits = (any::<u32>(), any::<u16>(), any::<Option<u32>>());
    let lists = [any_symbols(), any_symbols(), any_symbols(), any_symbols()];
    let text = (".{0,40}", option::of(".{0,40}"));
    (text, limits, lists, option::of(any_fields()))
        .prop_map(|(text, limits, lists, properties)| {
            let [outgoing_locales, incoming_locales, offered, desired] = lists;
            Performative::Open(Box::new(Open {
                container_id: text.0,
                hostname: text.1,
                max_frame_size: limits.0.into(),
                channel_max: limits.1.into(),
                idle_time_out: limits.2,
                outgoing_locales,
                incoming_locales,
                offered_capabilities: offered,
                desired_capabilities: desired,
                properties,
            }))
        })
        .boxed()
}

fn any_begin() -> BoxedStrategy<Performative> {
    let numbers = any::<(Option<u16>, [u32; 4])>();
    let lists = [any_symbols(), any_symbols()];
    (numbers, lists, option::of(any_fields()))
        .prop_map(|(numbers, lists, properties)| {
            let (remote_channel, [next_outgoing_id, incoming_window, outgoing_window, handle_max]) =
                numbers;
            let [offered_capabilities, desired_capabilities] = lists;
            Performative::Begin(Box::new(Begin {
                remote_channel,
                next_outgoing_id,
                incoming_window,
                outgoing_window,
                handle_max: handle_max.into(),
                offered_capabilities,
                desired_capabilities,
                properties,
            }))
        })
        .boxed()
}

fn any_attach() -> BoxedStrategy<Performative> {
    let modes = (
        any_role(),
        prop_oneof![
            Just(SenderSettleMode::Unsettled),
            Just(SenderSettleMode::Settled),
            Just(SenderSettleMode::Mixed),
        ],
        any_receiver_mode(),
    );
    let termini = (option::of(any_source()), option::of(any_target()));
    let unsettled = option::of(vec((any_bytes(), option::of(any_state())), 0..3));
    let numbers = any::<(u32, bool, Option<u32>, Option<u64>)>();
    let lists = [any_symbols(), any_symbols()];
    let properties = option::of(any_fields());
    (
        ".{0,40}", modes, termini, unsettled, numbers, lists, properties,
    )
        .prop_map(
            |(name, modes, termini, unsettled, numbers, lists, properties)| {
                let [offered_capabilities, desired_capabilities] = lists;
                Performative::Attach(Box::new(Attach {
                    name,
                    handle: numbers.0.into(),
                    role: modes.0,
                    snd_settle_mode: modes.1,
                    rcv_settle_mode: modes.2,
                    source: termini.0.map(Box::new),
                    target: termini.1.map(Box::new),
                    unsettled: unsettled.map(|entries| entries.into_iter().collect()),
                    incomplete_unsettled: numbers.1,
                    initial_delivery_count: numbers.2,
                    max_message_size: numbers.3,
                    offered_capabilities,
                    desired_capabilities,
                    properties,
                }))
            },
        )
        .boxed()
}

fn any_flow() -> BoxedStrategy<Performative> {
    let numbers = any::<([u32; 3], [Option<u32>; 5], [bool; 2])>();
    (numbers, option::of(any_fields()))
        .prop_map(|(numbers, properties)| {
            let (windows, optional, flags) = numbers;
            let [next_incoming_id, handle, delivery_count, link_credit, available] = optional;
            Performative::Flow(Box::new(Flow {
                next_incoming_id,
                incoming_window: windows[0],
                next_outgoing_id: windows[1],
                outgoing_window: windows[2],
                handle: handle.map(Into::into),
                delivery_count,
                link_credit,
                available,
                drain: flags[0],
                echo: flags[1],
                properties,
            }))
        })
        .boxed()
}

fn any_transfer() -> BoxedStrategy<Performative> {
    let numbers = any::<(u32, Option<u32>, Option<u32>)>();
    let flags = any::<(Option<bool>, [bool; 4])>();
    let mode = option::of(any_receiver_mode());
    (
        numbers,
        option::of(any_bytes()),
        flags,
        mode,
        option::of(any_state()),
    )
        .prop_map(|(numbers, delivery_tag, flags, rcv_settle_mode, state)| {
            let (settled, [more, resume, aborted, batchable]) = flags;
            Performative::Transfer(Transfer {
                handle: numbers.0.into(),
                delivery_id: numbers.1,
                delivery_tag,
                message_format: numbers.2,
                settled,
                more,
                rcv_settle_mode,
                state,
                resume,
                aborted,
                batchable,
            })
        })
        .boxed()
}

fn any_disposition() -> BoxedStrategy<Performative> {
    let numbers = any::<(u32, Option<u32>, [bool; 2])>();
    (any_role(), numbers, option::of(any_state()))
        .prop_map(|(role, numbers, state)| {
            let (first, last, [settled, batchable]) = numbers;
            Performative::Disposition(Disposition {
                role,
                first,
                last,
                settled,
                state,
                batchable,
            })
        })
        .boxed()
}

fn any_role() -> impl Strategy<Value = Role> {
    any::<bool>().prop_map(Role::from)
}

fn any_receiver_mode() -> impl Strategy<Value = ReceiverSettleMode> {
    prop_oneof![
        Just(ReceiverSettleMode::First),
        Just(ReceiverSettleMode::Second),
    ]
}
