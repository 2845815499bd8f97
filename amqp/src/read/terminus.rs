use serde_amqp::primitives::{Array, Symbol};

use crate::descriptor;
use crate::error::DecodeError;
use crate::types::messaging::{
    DistributionMode, Source, Target, TargetArchetype, TerminusDurability, TerminusExpiryPolicy,
};
use crate::types::transaction::{Coordinator, TxnCapability};
use crate::walker::Element;

use super::composite::{described_as, split_described, unknown_descriptor, Composite};
use super::delivery_state::read_default_outcome;
use super::fields::read_fields;

pub(crate) fn read_source(element: Element<'_>) -> Result<Source, DecodeError> {
    let list = described_as(&element, descriptor::SOURCE, "source")?;
    let mut source = Composite::open("source", list)?;
    let read = Source {
        address: source.string("address")?,
        durable: read_durability(&mut source)?,
        expiry_policy: read_expiry_policy(&mut source)?,
        timeout: source.u32("timeout")?.unwrap_or_default(),
        dynamic: source.bool("dynamic")?.unwrap_or_default(),
        dynamic_node_properties: source.fields("dynamic-node-properties")?,
        // Modes beyond the standard ones are allowed, and the type cannot hold them; unset means
        // that the node decides.
        distribution_mode: source
            .text("distribution-mode")?
            .and_then(|mode| DistributionMode::try_from(mode).ok()),
        filter: source.read("filter", |element| read_fields(&element))?,
        default_outcome: source
            .read("default-outcome", read_default_outcome)?
            .flatten(),
        outcomes: source.symbols("outcomes")?,
        capabilities: source.symbols("capabilities")?,
    };
    source.finish()?;
    Ok(read)
}

pub(crate) fn read_target(element: Element<'_>) -> Result<TargetArchetype, DecodeError> {
    const EXPECTED: &str = "target or coordinator";
    let (code, descriptor, list) = split_described(&element, EXPECTED)?;
    match code {
        Some(descriptor::TARGET) => read_node_target(list).map(TargetArchetype::Target),
        Some(descriptor::COORDINATOR) => read_coordinator(list).map(TargetArchetype::Coordinator),
        _ => Err(unknown_descriptor(&descriptor, EXPECTED)),
    }
}

fn read_node_target(list: Element<'_>) -> Result<Target, DecodeError> {
    let mut target = Composite::open("target", list)?;
    let read = Target {
        address: target.string("address")?,
        durable: read_durability(&mut target)?,
        expiry_policy: read_expiry_policy(&mut target)?,
        timeout: target.u32("timeout")?.unwrap_or_default(),
        dynamic: target.bool("dynamic")?.unwrap_or_default(),
        dynamic_node_properties: target.fields("dynamic-node-properties")?,
        capabilities: target.symbols("capabilities")?,
    };
    target.finish()?;
    Ok(read)
}

fn read_coordinator(list: Element<'_>) -> Result<Coordinator, DecodeError> {
    let mut coordinator = Composite::open("coordinator", list)?;
    let capabilities = coordinator.symbols("capabilities")?;
    coordinator.finish()?;
    Ok(Coordinator {
        capabilities: capabilities.map(known_capabilities),
    })
}

/// A capability the type does not know is one that neither end can make use of.
fn known_capabilities(symbols: Array<Symbol>) -> Array<TxnCapability> {
    symbols
        .into_iter()
        .filter_map(|symbol| TxnCapability::try_from(symbol).ok())
        .collect()
}

fn read_durability(terminus: &mut Composite<'_>) -> Result<TerminusDurability, DecodeError> {
    let Some(number) = terminus.u32("durable")? else {
        return Ok(TerminusDurability::default());
    };
    let durability = match number {
        0 => Some(TerminusDurability::None),
        1 => Some(TerminusDurability::Configuration),
        2 => Some(TerminusDurability::UnsettledState),
        _ => None,
    };
    terminus.choice("durable", durability)
}

fn read_expiry_policy(terminus: &mut Composite<'_>) -> Result<TerminusExpiryPolicy, DecodeError> {
    match terminus.text("expiry-policy")? {
        None => Ok(TerminusExpiryPolicy::default()),
        Some(word) => {
            let policy = TerminusExpiryPolicy::try_from(word).ok();
            terminus.choice("expiry-policy", policy)
        }
    }
}
