# nbgrader's settings in the servers of students: where work is handed out and in, and how Validate runs Go.
c = get_config()  # noqa: F821

c.CourseDirectory.course_id = "fashion101"
c.Exchange.root = "/srv/nbgrader/exchange"  # mkdir -p it and chmod a+rwx, as nbgrader wants it
c.Execute.timeout = 120
c.Execute.startup_timeout = 60
