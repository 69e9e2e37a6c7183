"""python run.py ADDRESS <scenario.json >answer.json: what ../../README.md calls a peer's answer.

ADDRESS is that of an empty PostgreSQL database. django-appointment is asked by its own view, in this
process: neither a web server nor a network lies between, so that the cost is a lower bound.
"""

import json
import os
import sys
import time
from datetime import date, datetime, timedelta
from datetime import time as clock
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import django
from django.conf import settings

TICK = 1000 / os.sysconf("SC_CLK_TCK")


def configure(address, zone):
    url = urlsplit(address)
    settings.configure(
        SECRET_KEY="of a bench",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=__name__,
        USE_TZ=True,
        TIME_ZONE=zone,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        INSTALLED_APPS=[
            "django.contrib.contenttypes",
            "django.contrib.auth",
            "django.contrib.sessions",
            "django.contrib.messages",
            "appointment",
        ],
        MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware"],
        LOGGING_CONFIG=None,
        # The package leaves it to its users to make its migrations; so all tables come from models.
        MIGRATION_MODULES=dict.fromkeys(["contenttypes", "auth", "sessions", "appointment"]),
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": url.path[1:],
                "USER": url.username,
                "PASSWORD": url.password,
                "HOST": url.hostname,
                "PORT": url.port,
            }
        },
    )
    django.setup()


urlpatterns = []


def at(text):
    return clock.fromisoformat(text)


def staff(service, name, windows, weekdays):
    """A member of staff who is there from the first window's opening to the last one's end."""
    from appointment.models import StaffMember, WorkingHours
    from django.contrib.auth import get_user_model

    user = get_user_model().objects.create_user(name, first_name=name, email=f"{name}@bench.invalid")
    member = StaffMember.objects.create(user=user, slot_duration=15)
    member.services_offered.add(service)
    for weekday in weekdays:
        hours = {"start_time": at(windows[0][0]), "end_time": at(windows[-1][1])}
        WorkingHours.objects.create(staff_member=member, day_of_week=weekday, **hours)
    return member


def fill(scenario, zone):
    """The scenario's clinicians: its pauses are unavailabilities, which the package has per date."""
    from appointment.models import Appointment, AppointmentRequest, Service, Unavailability

    service = Service.objects.create(name="visit", duration=timedelta(minutes=15), price=0)
    pauses = [(a[1], b[0]) for a, b in zip(scenario["windows"], scenario["windows"][1:])]
    members = []
    for number, busy in enumerate(scenario["busy"]):
        member = staff(service, f"c{number}", scenario["windows"], range(1, 6))
        Unavailability.objects.bulk_create(
            Unavailability(staff_member=member, date=day, start_time=at(a), end_time=at(b))
            for day in scenario["days"]
            for a, b in pauses
        )
        requests = []
        for start, end in busy:
            start, end = (datetime.fromisoformat(text).astimezone(zone) for text in (start, end))
            taken = {"date": start.date(), "start_time": start.time(), "end_time": end.time()}
            request = AppointmentRequest(service=service, staff_member=member, **taken)
            request.id_request = f"{number}-{len(requests)}"
            requests.append(request)
        requests = AppointmentRequest.objects.bulk_create(requests)
        Appointment.objects.bulk_create(
            Appointment(client=member.user, appointment_request=r, id_request=r.id_request)
            for r in requests
        )
        members.append(member)
    return members


def ask(client, member, day):
    """The local times that the package's own view lists."""
    wanted = {"selected_date": day, "staff_member": member.pk}
    headers = {"HTTP_X_REQUESTED_WITH": "XMLHttpRequest"}
    answer = client.get("/available_slots/", wanted, **headers)
    return [datetime.fromisoformat(slot[0]) for slot in answer.json()["available_slots"]]


def cost(backend):
    """Milliseconds of processor time of this process and of the backend that serves it."""
    with open(f"/proc/{backend}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return time.process_time() * 1000 + (int(fields[11]) + int(fields[12])) * TICK


def changes(member, wanted):
    """The stretches that are listed on a day, in UTC. A time that does not exist is where the zone
    puts it. The days are over, so that the view would not answer; what it calls does."""
    from appointment.services import get_available_slots_for_staff
    from django.utils import timezone

    zone, day = ZoneInfo(wanted["zone"]), date.fromisoformat(wanted["date"])
    with timezone.override(zone):
        listed = get_available_slots_for_staff(day, member, (day.weekday() + 1) % 7)
    times = [slot.replace(tzinfo=zone) for slot in listed]
    utc = [slot.astimezone(ZoneInfo("UTC")) for slot in times]
    stretches = []
    for start in utc:
        if stretches and stretches[-1][1] == start:
            stretches[-1][1] += timedelta(minutes=15)
        else:
            stretches.append([start, start + timedelta(minutes=15)])
    return [[f"{x:%Y-%m-%dT%H:%M:%S.000Z}" for x in pair] for pair in stretches]


def main():
    scenario = json.load(sys.stdin)
    # The package logs to the standard output, which is the answer's.
    out, sys.stdout = sys.stdout, sys.stderr
    configure(sys.argv[1], scenario["zone"])
    from appointment.views import get_available_slots_ajax
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client
    from django.urls import path

    urlpatterns.append(path("available_slots/", get_available_slots_ajax))
    call_command("migrate", run_syncdb=True, verbosity=0)
    zone = ZoneInfo(scenario["zone"])
    scenario["days"] = [date.fromisoformat(day) for day in scenario["days"]]
    members, client = fill(scenario, zone), Client()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    # The first request loads what all use.
    ask(client, members[0], scenario["days"][0])
    cpu, free = [], []
    for _ in range(scenario["rounds"]):
        before = cost(backend)
        free = [[slot for day in scenario["days"] for slot in ask(client, m, day)] for m in members]
        cpu.append(cost(backend) - before)
    utc = ZoneInfo("UTC")
    text = lambda slot: f"{slot.replace(tzinfo=zone).astimezone(utc):%Y-%m-%dT%H:%M:%S.000Z}"
    free = [[text(slot) for slot in one] for one in free]
    table = []
    service = members[0].services_offered.first()
    for number, wanted in enumerate(scenario["changes"]):
        member = staff(service, f"z{number}", [wanted["window"]], range(7))
        table.append(changes(member, wanted))
    print(json.dumps({"cpu": cpu, "free": free, "changes": table}), file=out)


if __name__ == "__main__":
    sys.modules.setdefault("run", sys.modules[__name__])
    main()
