"""The site under load: real server processes, patients who take their time, and coordinators who edit meanwhile."""
