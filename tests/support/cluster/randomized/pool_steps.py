"""Random steps that people and controllers take with pools: load, numbers, rollouts, edits."""

from tests.support.cluster.crd import pools_path
from tests.support.cluster.randomized.world import BROKEN, MOST_INSTANCES, POOLS, World

IMAGES = (*(f"browser:{number}" for number in range(4)), BROKEN)


async def chats_arrive(world: World) -> str:
    pool, count = world.some_pool(), world.rng.randint(1, 3)
    world.traffic.arrive(world.key(pool), count)
    return f"{count} chats arrive at {pool}"


async def a_burst_arrives(world: World) -> str:
    pool = world.some_pool()
    world.traffic.arrive(world.key(pool), 2 * MOST_INSTANCES)
    return f"a burst arrives at {pool}"


async def a_lull_begins(world: World) -> str:
    pool = world.some_pool()
    world.traffic.give_up_waiting(world.key(pool))
    world.traffic.end(0.8, world.key(pool))
    return f"a lull at {pool}"


async def somebody_scales(world: World) -> str:
    """Write spec.replicas through the scale subresource, as `kubectl scale`, HPA and KEDA do."""
    replicas = world.rng.randint(0, MOST_INSTANCES)
    await world.api.patch(pools_path(world.namespace, "outside", "scale"), {"spec": {"replicas": replicas}})
    return f"outside is scaled to {replicas}"


async def an_image_is_edited(world: World) -> str:
    """Begin a rollout, or go back in the middle of one."""
    pool, image = world.some_pool(), world.rng.choice(IMAGES)
    await world.edit(pool, image=image)
    return f"{pool} gets image {image}"


async def a_rollout_is_steered(world: World) -> str:
    pool, rng = world.some_pool(), world.rng
    rollout = {
        "maxSurge": rng.randint(1, 2),
        "partition": rng.choice((0, 0, 1, 2)),
        "paused": rng.random() < 0.2,
    }
    await world.edit(pool, rollout=rollout)
    return f"{pool} rolls out by {rollout}"


async def a_pool_is_paused_or_not(world: World) -> str:
    pool = world.some_pool()
    pause = pool not in world.paused and not world.paused
    await world.edit(pool, paused=pause)
    world.paused = world.paused | {pool} if pause else world.paused - {pool}
    return f"{pool}: paused is {pause}"


async def a_live_field_is_edited(world: World) -> str:
    """Edit what reaches running pods without a rollout."""
    pool, seconds = world.some_pool(), world.rng.randint(30, 90)
    await world.edit(pool, timeouts={"idleSeconds": seconds}, queue={"maxPending": seconds})
    return f"{pool} gets an idle timeout of {seconds} s"


async def bounds_are_edited(world: World) -> str:
    pool = world.rng.choice([name for name in POOLS if name != "outside"])
    least = world.rng.randint(0, 2)
    await world.edit(pool, autoscaling={"minInstances": least})
    return f"{pool} has at least {least}"
