"""What the demo prints when everything is up."""

from field_api.contract.scenario import Scenario
from sim.demo.budget import Budget
from sim.demo.options import DEMO_PASSWORD, DemoOptions

__all__ = ["welcome_text"]


def welcome_text(
    options: DemoOptions, scenario: Scenario, first_drone_s: float | None, budget: Budget
) -> str:
    """Return the address, the accounts and what to click, in both languages."""
    url = options.url
    manual = [
        start.terminal_id
        for start in scenario.sim.terminals
        if not start.acts or start.terminal_id in options.manual
    ]
    by_hand = manual[0] if manual else None
    hand_zh = (
        f"\n  手持终端 {by_hand} 留给您:手机页面 {url}/terminal/ ,用户 {by_hand.lower()}"
        if by_hand
        else ""
    )
    hand_en = (
        f"\n  Handheld {by_hand} is left to you: {url}/terminal/ as {by_hand.lower()}"
        if by_hand
        else ""
    )
    ready = (
        f"首架无人机上图用时 First drone on the map after {first_drone_s:.1f} s\n"
        if first_drone_s is not None
        else ""
    )
    return f"""
{ready}{_chosen(budget)}
巡山演示已就绪  {scenario.title}
  指挥端   {url}/?tour=1
  账号     duty 值班员 · commander 指挥长 · pilot 飞手 · admin · auditor   密码 {DEMO_PASSWORD}
  怎么玩   1. duty 登录,新建事件:西山西坡冒烟,三名徒步人员失联
           2. pilot 登录,在地图上画搜索区,选飞机,生成方案,勾选检查单并授权起飞
           3. 等待告警(约几分钟),commander 确认并派最近的手持终端
           4. 在事件时间线里看谁在何时做了什么{hand_zh}

The Xunshan demo is ready
  Console  {url}/?tour=1
  Accounts duty · commander · pilot · admin · auditor   password {DEMO_PASSWORD}
  Try      1. as duty: open an incident, smoke on the west slope, three hikers missing
           2. as pilot: draw a search area, choose aircraft, plan, tick the checklist, launch
           3. wait for an alert (some minutes); as commander confirm it, send the nearest handheld
           4. read in the incident's timeline who did what and when{hand_en}

  日志 Logs: {options.data_dir / "logs"}
  停止 Stop: Ctrl-C
"""


def _chosen(budget: Budget) -> str:
    """What cameras and detector do on this machine, and how to have it otherwise."""
    size = f"{budget.width_px} x {budget.height_px}"
    look_zh, look_en = (
        ("", "")
        if budget.look_width_px is None
        else (f"({budget.look_width_px} px)", f" at {budget.look_width_px} px")
    )
    return (
        f"按本机能力:相机 {size},每秒 {budget.frames_per_s} 帧;"
        f"识别每秒 {budget.looks_per_s:g} 次{look_zh}\n"
        f"For this machine: cameras {size} at {budget.frames_per_s}/s, "
        f"{budget.looks_per_s:g} looks/s{look_en}; "
        "otherwise: --camera-width, --camera-fps, --look-width\n"
    )
