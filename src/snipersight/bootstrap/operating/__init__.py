"""What people tell the running bot to do, done: decisions on plans, stops and resumes, answers."""
