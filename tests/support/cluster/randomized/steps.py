"""The steps of a randomized run, and how often each is taken."""

from collections.abc import Awaitable, Callable, Mapping

from tests.support.cluster.randomized import operator_steps, pod_steps, pool_steps
from tests.support.cluster.randomized.world import World

Step = Callable[[World], Awaitable[str | None]]
"""Tells what it has done; None: there was nothing to do it to."""

WEIGHTS: Mapping[Step, int] = {
    pool_steps.chats_arrive: 300,
    pool_steps.a_burst_arrives: 40,
    pool_steps.a_lull_begins: 60,
    pool_steps.somebody_scales: 60,
    pool_steps.an_image_is_edited: 40,
    pool_steps.a_rollout_is_steered: 40,
    pool_steps.a_pool_is_paused_or_not: 15,
    pool_steps.a_live_field_is_edited: 30,
    pool_steps.bounds_are_edited: 20,
    pod_steps.a_pod_crashes: 30,
    pod_steps.a_pod_is_deleted: 15,
    pod_steps.an_idle_pod_is_evicted: 15,
    pod_steps.a_busy_pod_is_evicted: 20,
    pod_steps.a_pod_comes_back: 60,
    pod_steps.a_probe_fails: 40,
    pod_steps.a_probe_passes_again: 80,
    pod_steps.slots_fail: 30,
    pod_steps.slots_recover: 60,
    operator_steps.watches_are_cut: 15,
    operator_steps.everything_is_cut: 5,
    operator_steps.watches_expire: 5,
    operator_steps.writes_are_refused: 30,
    operator_steps.the_operator_is_stopped: 4,
    operator_steps.the_operator_is_killed: 4,
}
