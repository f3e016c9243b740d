# nbgrader in the container: how Validate runs Go, and where a class hands work out and in.
import os

c = get_config()  # noqa: F821

c.Execute.timeout = 120
c.Execute.startup_timeout = 60
c.CourseDirectory.course_id = os.environ.get("FASHION_COURSE", "fashion101")
c.Exchange.root = "/srv/nbgrader/exchange"
# Each student's server has a user number of its own there, and the same name in passwd.
c.ExchangeCollect.check_owner = False
