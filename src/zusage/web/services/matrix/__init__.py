"""What each class is promised: services by classes, with hours and euro of each line in view."""
